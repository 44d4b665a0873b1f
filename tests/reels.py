"""Small films, made from a photograph of the package: the frame wanders over it, so that the motion is known."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import torch

from colorize_lib.data.examples import photograph

#: Of the films' clocks.
TICK = Fraction(1, 600)


def pan(count: int = 10, height: int = 96, width: int = 128, step: int = 2, name: str = "coffee") -> list[torch.Tensor]:
    """``count`` frames, uint8 ``(3, H, W)``: what is at x is at x + ``step`` in the frame before."""
    whole = photograph(name)[:, 60 : 60 + height]
    return [whole[:, :, 20 + step * t : 20 + step * t + width].contiguous() for t in range(count)]


def write_film(
    path: Path,
    frames: Sequence[torch.Tensor],
    times: Sequence[int] | None = None,
    sound: str | None = None,
    codec: str = "mpeg4",
    aspect: Fraction | None = None,
) -> Path:
    """Write frames, shown at ``times`` in units of :data:`TICK` (24 a second if None), maybe with a second of noise."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24, options={"crf": "10"} if codec == "libx264" else {"q:v": "2"})
        stream.height, stream.width = frames[0].shape[1:]
        stream.pix_fmt = "yuv420p" if stream.height % 2 == stream.width % 2 == 0 else "yuv444p"
        stream.codec_context.time_base = TICK
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        track = container.add_stream(sound, rate=44100) if sound else None
        for number, rgb in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(rgb.permute(1, 2, 0).contiguous().numpy(), format="rgb24")
            frame.pts, frame.time_base = 25 * number if times is None else times[number], TICK
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if track:
            _noise(container, track)
    return path


#: How samples are kept by a codec, as numbers of numpy, and the loudest.
_SAMPLES = {"pcm_s16le": ("s16", np.int16, 9000), "pcm_u8": ("u8", np.uint8, 255), "aac": ("fltp", np.float32, 0.5)}


def _noise(container, track) -> None:
    kind, wide, loud = _SAMPLES[track.codec_context.name]
    random = np.random.default_rng(0)
    for number in range(40):
        wave = (random.random((1, 1024)) * loud).astype(wide)
        frame = av.AudioFrame.from_ndarray(wave, format=kind, layout="mono")
        frame.rate, frame.pts, frame.time_base = 44100, 1024 * number, Fraction(1, 44100)
        container.mux(track.encode(frame))
    container.mux(track.encode())


def read_film(path: Path) -> tuple[list[np.ndarray], list[Fraction]]:
    """All frames as ``(H, W, 3)`` uint8, and when each is shown, in seconds."""
    with av.open(str(path)) as container:
        frames = [
            (frame.to_ndarray(format="rgb24"), frame.pts * frame.time_base) for frame in container.decode(video=0)
        ]
    return [pixels for pixels, _ in frames], [time for _, time in frames]


def read_sound(path: Path) -> list[tuple[bytes, float]]:
    """The packets of the sound as they are, and when each is played, in seconds."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(audio=0) if packet.dts is not None]
        return [(bytes(packet), float(packet.pts * packet.time_base)) for packet in packets]


def laid_down(path: Path) -> Path:
    """Write into an MP4 that it is to be shown turned by 90 degrees clockwise, as telephones do."""
    content = path.read_bytes()
    upright = b"".join(number.to_bytes(4, "big") for number in (65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30))
    place = content.index(upright, content.index(b"tkhd"))  # the first such matrix is the whole film's, in mvhd
    turned = b"".join((n % (1 << 32)).to_bytes(4, "big") for n in (0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30))
    path.write_bytes(content[:place] + turned + content[place + len(turned) :])
    return path
