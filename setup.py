"""The package's description on an index: the README, whose pictures and links lead to the repository there.

In a copy of the repository and in a fork they are relative, and so show what lies beside them. All else about the
package is in pyproject.toml.
"""

import re
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
#: Address of the repository, which pyproject.toml knows.
SOURCE = re.search(r'^Source = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)[1]
#: ``[text](path)``, with ``!`` before it if it is a picture; no address and no place in the page itself.
RELATIVE = re.compile(r"(!?)(\[[^\]]*\])\((?!\w+:|#)([^)\s]+)\)")


def absolute(markdown: str) -> str:
    """Markdown with the addresses of files in the repository written out."""
    return RELATIVE.sub(
        lambda found: f"{found[1]}{found[2]}({SOURCE}/{'raw' if found[1] else 'blob'}/main/{found[3]})", markdown
    )


if __name__ == "__main__":
    readme = (ROOT / "README.md").read_text("utf-8")
    setup(long_description=absolute(readme), long_description_content_type="text/markdown")
