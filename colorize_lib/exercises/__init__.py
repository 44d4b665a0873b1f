"""The exercises of the book: ``check("4.2", answer)`` says what is wrong with an answer, or what it shows.

One module a chapter, with one function an exercise: it takes the answer, raises :class:`NotYet` with what is wrong
with it, and returns what a right one shows. ``verdict.CHAPTERS`` says which module is of which chapter. Imports all
the rooms below.
"""

from .verdict import NotYet, Verdict, check

__all__ = ["NotYet", "Verdict", "check"]
