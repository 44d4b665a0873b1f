"""The address of the repository: where it comes from, and what is said of a malformed one."""

import re

import pytest
import repository
from chapters import ROOT
from sphinx.errors import ConfigError


@pytest.mark.parametrize(
    ("environ", "url", "revision", "site"),
    [
        ({}, "https://github.com/owner/name", "main", "https://book.org/x"),
        (
            {"COLORIZE_REPOSITORY": "https://github.com/Fork/Copy.git/", "COLORIZE_REVISION": "v1"},
            "https://github.com/Fork/Copy", "v1", "https://fork.github.io/Copy",
        ),
        (
            {"COLORIZE_REPOSITORY": "https://github.com/Fork/fork.github.io", "COLORIZE_REVISION": ""},
            "https://github.com/Fork/fork.github.io", "main", "https://fork.github.io",
        ),
        (
            {"COLORIZE_REPOSITORY": "https://git.example.org/a/b", "COLORIZE_SITE": "https://example.org/"},
            "https://git.example.org/a/b", "main", "https://example.org",
        ),
        ({"COLORIZE_REPOSITORY": "file:///srv/book"}, "file:///srv/book", "main", ""),
    ],
)  # fmt: skip
def test_the_environment_moves_the_repository(environ, url, revision, site):
    found = repository.find("https://github.com/owner/name", "main", "https://book.org/x/", environ)
    assert found == repository.Repository(url, revision, site)
    on_github = url.startswith("https://github.com/")
    assert bool(found.colab("x.ipynb")) == bool(found.raw("book")) == on_github
    assert found.ask == (f"[Ask]({url}/issues)." if on_github else "Ask where you found this book.")


@pytest.mark.parametrize(
    "environ",
    [
        {"COLORIZE_REPOSITORY": "github.com/owner/name"},
        {"COLORIZE_REPOSITORY": "https://github.com/owner"},
        {"COLORIZE_REPOSITORY": 'https://github.com/owner/na"me'},
        {"COLORIZE_REVISION": "main; rm"},
        {"COLORIZE_SITE": "example.org"},
    ],
)
def test_a_malformed_address_is_one_clear_error(environ):
    with pytest.raises(ConfigError, match=rf"{re.escape(repr(*environ.values()))} is malformed.*COLORIZE_REPOSITORY"):
        repository.find("https://github.com/owner/name", environ=environ)


def test_the_workflow_builds_notebooks_of_its_own_repository():
    workflow = (ROOT / ".github" / "workflows" / "book.yml").read_text()
    step = workflow.split("- run: make book\n")[1].split("- uses")[0]
    assert "COLORIZE_REPOSITORY: ${{ github.server_url }}/${{ github.repository }}" in step
    assert "COLORIZE_REVISION: ${{ github.sha }}" in step
