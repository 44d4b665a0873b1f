"""Before and after: two pictures of the same scene, one over the other, and a line between them to drag."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import torch
from PIL import Image

from ..errors import InputError
from .page import image_address, place, sheet

#: A picture with a longer side up to this many pixels is shown pixel by pixel, so no JPEG may blur it.
STAMP = 128
#: A longer side beyond this is reduced: no page shows more.
MOST = 1024


@dataclass(frozen=True)
class BeforeAfter:
    """Shows itself as the last thing of a cell; see :func:`before_after`.

    Attributes
    ----------
    pictures : dict
        Name of a scene to its pictures, ``(3, H, W)`` uint8.
    names : tuple of str
        What the pictures of each scene are called.
    """

    pictures: dict[str, tuple[torch.Tensor, ...]]
    names: tuple[str, ...]

    def _repr_html_(self) -> str:
        shapes = [pictures[0].shape[-1] / pictures[0].shape[-2] for pictures in self.pictures.values()]
        scenes = "".join(map(self._scene, self.pictures, shapes))
        inside = f'<div class="before-after" style="--widest: {max(shapes):.4f}">{scenes}</div>'
        return place("before_after", "beforeAfterAt", (list(self.pictures), self.names), inside)

    def _repr_png_(self) -> bytes:
        """For paper: a scene a column, its pictures from top to bottom."""
        return sheet([list(row) for row in zip(*self.pictures.values(), strict=True)], side=256)

    def _scene(self, scene: str, shape: float) -> str:
        """The pictures of one scene, which the style sheet lays one over the other."""
        pictures = self.pictures[scene]
        stamp = " ba-stamp" if max(pictures[0].shape) <= STAMP else ""
        sides = "".join(
            f'<div class="ba-side"><img src="{_address(picture)}" alt="{escape(f"{scene}: {name}")}">'
            f'<span class="ba-tag" aria-hidden="true">{escape(name)}</span></div>'
            for name, picture in zip(self.names, pictures, strict=True)
        )
        return f'<div class="ba-scene{stamp}" style="--shape: {shape:.4f}">{sides}</div>'


def before_after(
    pictures: Mapping[str, Sequence[torch.Tensor]], names: Sequence[str] = ("grey", "coloured")
) -> BeforeAfter:
    """Wipe between two pictures of the same scene, by mouse, finger or key.

    It needs no kernel. Several scenes share one place, with a strip of small pictures to choose from.

    Parameters
    ----------
    pictures
        Name of each scene to its pictures, ``(3, H, W)`` uint8, as many as there are names. The first lies
        at the left of the line. Where there are more than two, buttons choose which lies at the right.
    names
        What they are called, in the same order.

    Raises
    ------
    InputError
        If there is nothing to compare, or the pictures of a scene differ in number, type or shape.
    """
    names = tuple(names)
    if not pictures or len(names) < 2:
        raise InputError("There is nothing to compare: give at least one scene, and two names.")
    for scene, versions in pictures.items():
        if len(versions) != len(names):
            raise InputError(f"{scene!r} needs {len(names)} pictures ({', '.join(names)}), not {len(versions)}.")
        for name, picture in zip(names, versions, strict=True):
            if not isinstance(picture, torch.Tensor) or picture.dtype != torch.uint8:
                kind = getattr(picture, "dtype", type(picture).__name__)
                raise InputError(f"{scene!r}, {name}: give a torch tensor of uint8, 0 to 255, not {kind}.")
            if picture.dim() != 3 or len(picture) != 3 or not picture.numel():
                raise InputError(f"{scene!r}, {name}: give a picture (3, H, W), not {tuple(picture.shape)}.")
            if picture.shape != versions[0].shape:
                shapes = f"{tuple(versions[0].shape)} and {tuple(picture.shape)}"
                raise InputError(f"{scene!r}: all pictures must have the same shape, not {shapes}.")
    return BeforeAfter({scene: tuple(versions) for scene, versions in pictures.items()}, names)


def _address(rgb: torch.Tensor) -> str:
    """A picture as a ``data:`` address: JPEG, but PNG for stamps, and without colours where it has none."""
    picture = Image.fromarray(rgb.permute(1, 2, 0).cpu().numpy())
    if (rgb == rgb[:1]).all():
        picture = picture.convert("L")
    picture.thumbnail((MOST, MOST), Image.Resampling.LANCZOS)
    return image_address(picture, "png" if max(picture.size) <= STAMP else "jpeg")
