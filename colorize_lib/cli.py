"""The command ``colorize``. Imports nothing heavy before it has to; each command is a module of ``commands``."""

import importlib
import os
import sys

from .errors import InputError, memory_ran_out

COMMANDS = ("train", "evaluate", "experiment")


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns the exit status: 0, 2 for a user's mistake, 130 when interrupted."""
    argv = sys.argv[1:] if argv is None else argv
    command = argv[0] if argv and argv[0] in COMMANDS else None
    _print_any_name()
    try:
        chosen = importlib.import_module(f".commands.{command or 'colour'}", __package__)
        return chosen.run(chosen.parser().parse_args(argv[1:] if command else argv))
    except InputError as error:
        _complain(str(error))
        return 2
    except (MemoryError, RuntimeError) as error:
        if not memory_ran_out(error):
            raise
        smaller = (
            "take a smaller --batch or --size, or fewer --workers or pictures" if command else "close other programs"
        )
        _complain(f"The memory does not suffice: {smaller}.")
        return 2
    except PermissionError as error:
        _complain(f"{error.filename or 'A file'} cannot be read ({error.strerror}): allow it, or name another place.")
        return 2
    except KeyboardInterrupt:
        resumable = command in ("train", "experiment")
        advice = " Run the same command again to go on from the last finished epoch." if resumable else ""
        print(f"\ncolorize: stopped.{advice}", file=sys.stderr)
        return 130
    except BrokenPipeError:  # | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _complain(sentence: str) -> None:
    """On a line of its own: in a terminal what is left of a progress bar is wiped away before."""
    start = "\r\x1b[K" if sys.stderr.isatty() else ""
    print(f"{start}colorize: {sentence}", file=sys.stderr)


def _print_any_name() -> None:
    """Let names be printed that the terminal, or the file it is turned into, has no letters for."""
    for stream in (sys.stdout, sys.stderr):
        if getattr(stream, "errors", None) == "strict" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
