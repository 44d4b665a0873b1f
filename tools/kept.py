"""Pages that need not be read again, and chapters that need not run again: those whose reach is as it was.

``reach.py`` says what a page depends on. The hash of that goes into a chapter's notebook as a part of its kernel:
that, beside the code, is what Jupyter Book looks at when it asks its cache for the outputs. And Sphinx is told which of
the pages that it has kept are out of date.
"""

import os
from pathlib import Path

import chapter
import jupyter_cache
from nbformat import NotebookNode
from reach import Repository
from sphinx.application import Sphinx

#: So many runs of each chapter are kept, the last ones.
RUNS = 5
_repository = Repository()


def read(text: str) -> NotebookNode:
    """As ``chapter.read``, for the build: with the fingerprint of all that the chapter's outputs depend on."""
    notebook = chapter.read(text)
    kernel = notebook.metadata.setdefault("kernelspec", {"name": "python3", "display_name": "Python 3"})
    kernel["fingerprint"] = _repository.fingerprint(text)
    return notebook


def begin(app: Sphinx) -> None:
    """What the build looks at is what is there now."""
    global _repository
    _repository = Repository()


def outdated(app: Sphinx, env, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Pages whose own text or whose reach is not what it was when they were read."""
    before, now = getattr(env, "fingerprints", {}), {}
    for page in sorted(env.found_docs):
        path = _repository.root / "book" / env.doc2path(page, base=False)
        text = path.read_text("utf-8")
        now[page] = _repository.hash([path]) + _repository.fingerprint(text, path.suffix)
    env.fingerprints, env.runs_before = now, {run.pk for run in runs(app)}
    return [page for page, found in now.items() if before.get(page) != found]


def together(app: Sphinx, env) -> None:
    """Pages are written by all processors. They were read by one, so that chapters run one after another."""
    app.parallel = os.cpu_count() or 1


def runs(app: Sphinx) -> list:
    """All runs of chapters in the cache, from the oldest."""
    cache = jupyter_cache.get_cache(app.env.mystnb_config.execution_cache_path)
    return sorted(cache.list_cache_records(), key=lambda record: record.pk)


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Forget old runs, and a new one if a file of its reach was saved meanwhile: what of it did the chapter see?"""
    cache = jupyter_cache.get_cache(app.env.mystnb_config.execution_cache_path)
    later, all_runs = Repository(), runs(app)
    for number, run in enumerate(all_runs):
        path = _repository.root / "book" / run.uri.rpartition("/")[2]
        newer = sum(other.uri == run.uri for other in all_runs[number + 1 :])
        if newer >= RUNS or (run.pk not in app.env.runs_before and not same(path, later)):
            cache.remove_cache(run.pk)


def same(path: Path, later: Repository) -> bool:
    """Whether the reach of a chapter is as it was when the build began."""
    text = path.read_text("utf-8") if path.is_file() else ""
    return later.fingerprint(text) == _repository.fingerprint(text)


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", begin)
    app.connect("env-get-outdated", outdated)
    app.connect("env-check-consistency", together)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
