"""Where the book's source and its published pages live: one answer, for all extensions.

``_config.yml`` names the repository (``repository``: ``url``, ``branch``) and may name the site
(``html``: ``baseurl``). A fork need not edit it: these environment variables go first.

==========================  =====================================================================
``COLORIZE_REPOSITORY``     address of the repository, as in ``repository.url``
``COLORIZE_REVISION``       branch, tag or commit that notebooks install; otherwise the branch
``COLORIZE_SITE``           address of the published pages; otherwise GitHub's for the repository
==========================  =====================================================================
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

#: ``gh-pages`` is where the workflow publishes.
PUBLISHED = "gh-pages"
_REPOSITORY = re.compile(r"https://[\w.-]+(:\d+)?/[\w.-]+/[\w.-]+|file://(localhost)?/\S+")
_GITHUB = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+)")
_SITE = re.compile(r"(https?://[^\s?#]+)?")  # there need not be one
_REVISION = re.compile(r"[\w][\w./-]*")


@dataclass(frozen=True)
class Repository:
    """A repository and the site that is published from it.

    Attributes
    ----------
    url : str
        Without ``.git`` and without a slash at the end. A ``file://`` address is one too.
    revision : str
        Branch, tag or commit that notebooks install.
    site : str
        The published pages, without a slash at the end; empty if nobody says and the host is not GitHub.
    """

    url: str
    revision: str
    site: str = ""

    def raw(self, path: str) -> str:
        """Address of a file of the repository, at :attr:`revision`; empty if the host is not GitHub."""
        return f"{self.url}/raw/{self.revision}/{path}" if _GITHUB.fullmatch(self.url) else ""

    def colab(self, path: str) -> str:
        """Address that opens a notebook of the published pages in Colab; empty if the host is not GitHub."""
        github = _GITHUB.fullmatch(self.url)
        if not github:
            return ""
        return f"https://colab.research.google.com/github/{github[1]}/{github[2]}/blob/{PUBLISHED}/{path}"

    @property
    def ask(self) -> str:
        """Where a reader may ask, in Markdown: a link to the issues if the host is GitHub."""
        return f"[Ask]({self.url}/issues)." if _GITHUB.fullmatch(self.url) else "Ask where you found this book."


def find(url: str, branch: str = "main", site: str = "", environ: Mapping[str, str] = os.environ) -> Repository:
    """The repository, from what ``_config.yml`` says (``url``, ``branch``, ``site``) and from the environment.

    Raises
    ------
    sphinx.errors.ConfigError
        If an address or the revision is malformed.
    """
    forked = environ.get("COLORIZE_REPOSITORY")
    url = re.sub(r"(\.git)?/*$", "", forked or url)
    revision = environ.get("COLORIZE_REVISION") or branch
    # A fork's pages are not where the original's are.
    site = (environ.get("COLORIZE_SITE") or ("" if forked else site) or _github_pages(url)).rstrip("/")
    for value, pattern, name, example in (
        (url, _REPOSITORY, "repository's address", "https://github.com/OWNER/NAME"),
        (revision, _REVISION, "revision", "main"),
        (site, _SITE, "site's address", "https://OWNER.github.io/NAME"),
    ):
        if not pattern.fullmatch(value):
            raise ConfigError(
                f"The {name} {value!r} is malformed: it should look like {example}. "
                "It is set in _config.yml, or by COLORIZE_REPOSITORY, COLORIZE_REVISION, COLORIZE_SITE."
            )
    return Repository(url, revision, site)


def setup(app: Sphinx) -> dict:
    """Sphinx extension: ``app.config.colorize_repository`` is the book's :class:`Repository`."""
    app.add_config_value("colorize_repository", None, "")
    # Late, when all others have set what they set; and nobody reads html_baseurl before.
    app.connect("config-inited", _share, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _share(app: Sphinx, config: Config) -> None:
    """Find the repository, and tell the theme and Sphinx, who know nothing of the environment."""
    theme = config.html_theme_options
    found = find(theme.pop("repository_url", ""), theme.get("repository_branch", "main"), config.html_baseurl)
    config.colorize_repository = found
    config.html_baseurl = found.site and found.site + "/"
    config.myst_substitutions = {**config.myst_substitutions, "ask": found.ask}  # a page says {{ ask }}
    if _GITHUB.fullmatch(found.url):  # the theme knows no other host by its address
        theme["repository_url"] = found.url


def _github_pages(url: str) -> str:
    """Where GitHub publishes the pages of a repository; empty for another host."""
    github = _GITHUB.fullmatch(url)
    if not github:
        return ""
    host = f"{github[1].lower()}.github.io"
    return f"https://{host}" if github[2].lower() == host else f"https://{host}/{github[2]}"
