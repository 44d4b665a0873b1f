"""What tests of colouring share: a photograph, coloured and grey."""

from one_photo import grey, photo

__all__ = ["grey", "photo"]
