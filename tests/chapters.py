"""The chapters of the book, as tests of their notebooks name them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BOOK, TOC = ROOT / "book", ROOT / "_toc.yml"
CHAPTERS = [path.stem for path in sorted(BOOK.glob("*.py"))]
