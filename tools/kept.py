"""Pages that need not be read or written again, and chapters that need not run again: those that are as they were.

``reach.py`` says what a page depends on. The hash of that goes into a chapter's notebook as a part of its kernel:
that, beside the code, is what Jupyter Book looks at when it asks its cache for the outputs. And Sphinx is told which of
the pages that it has kept are out of date: to be read again, a page whose text or reach changed; to be written again,
those, and all of them if anything changed that a page may show of others.
"""

import hashlib
import json
import os
from pathlib import Path

import chapter
import jupyter_cache
from build_book import fingerprint
from docutils import nodes
from nbformat import NotebookNode
from reach import Repository
from sphinx.application import Sphinx

#: So many runs of each chapter are kept, the last ones.
RUNS = 5
#: Where the reach of a page lies, beside its own text.
BEYOND = ("colorize_lib", "results", "tools", "book/_ext")
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
    before, now, beyond = getattr(env, "fingerprints", {}), {}, fingerprint(*BEYOND)
    known = before if getattr(env, "beyond", None) == beyond else {}
    for page in sorted(env.found_docs):
        path = _repository.root / "book" / env.doc2path(page, base=False)
        own = _repository.hash([path])
        if known.get(page, "").startswith(own):
            now[page] = known[page]
        else:
            now[page] = own + _repository.fingerprint(path.read_text("utf-8"), path.suffix)
    env.fingerprints, env.beyond, env.runs_before = now, beyond, {run.pk for run in runs(app)}
    return [page for page, found in now.items() if before.get(page) != found]


def to_write(app: Sphinx, env) -> list[str]:
    """Pages to write beside those that were read: all, if they show something of each other that is not as it was."""
    before, env.shown = getattr(env, "shown", None), shown(env)
    return sorted(env.found_docs) if env.shown != before else [env.config.root_doc]


def shown(env) -> str:
    """Hash of what a page may show of others, titles and numbers, links and citations; and of static files."""
    numbers = (env.toc_secnumbers, env.toc_fignumbers, env.toctree_includes)
    all_of_it = (env.titles, env.longtitles, env.tocs, numbers, env.domaindata, fingerprint("book/_static"))
    return hashlib.sha256(in_words(all_of_it).encode()).hexdigest()


def in_words(thing: object) -> str:
    """What something holds, the same in whatever order pages were read."""
    if isinstance(thing, nodes.Node):
        return thing.pformat()
    if isinstance(thing, Path):  # of this class or that, as Sphinx has just made it or kept it
        return str(thing)
    if isinstance(thing, tuple):
        return f"({', '.join(map(in_words, thing))})"
    if isinstance(thing, dict | list | set):
        return f"[{', '.join(sorted(map(in_words, thing.items() if isinstance(thing, dict) else thing)))}]"
    # What has no words of its own is what it consists of: its address is another in every build.
    return in_words(vars(thing)) if type(thing).__repr__ is object.__repr__ else repr(thing)


def index(app: Sphinx) -> list:
    """The index of the search as if all pages had been written: when Sphinx writes some of them, it forgets the entries
    of the others, and keeps words that are on no page any more."""
    made, path = app.builder.indexer, Path(app.doctreedir, "index.json")
    before = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    written = made._index_entries
    made._index_entries = {page: written.get(page, before.get(page, [])) for page in sorted(app.env.found_docs)}
    path.write_text(json.dumps(made._index_entries), "utf-8")
    for words in (made._mapping, made._title_mapping):
        for word in [word for word, on_pages in words.items() if not on_pages]:
            del words[word]
    return []  # no page of its own


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
    app.connect("env-get-updated", to_write, priority=900)  # when all have their numbers
    app.connect("env-check-consistency", together)
    app.connect("html-collect-pages", index)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
