# The two commands: `make book` and `make test`. Each first makes .venv when it is missing, and
# installs again when a requirement changed. Another Python: `make book PYTHON=python3.12`.

PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
STAMP  := $(VENV)/.installed

.PHONY: help book live pdf test lint results clean

help:
	@echo 'make book    build the book into _build/html; ARGS=--all builds all of it anew'
	@echo 'make live    build it, show it, and build it again whenever a file is saved'
	@echo 'make pdf     print it into _build/colour-from-grey.pdf (needs Chromium)'
	@echo 'make test    run the tests; make test ARGS="--slow -k gamut" passes options to pytest'
	@echo 'make lint    check the style with ruff, and types with mypy'
	@echo 'make results list what makes the numbers of the book; make results ARGS=vgg makes them again'
	@echo 'make clean   remove what was built, but not $(VENV)'
	@echo
	@echo 'Each makes $(VENV) first when it is missing. PYTHON=... chooses the Python for it.'

book: $(STAMP)
	$(PY) tools/build_book.py $(ARGS)

live: $(STAMP)
	$(PY) tools/live.py $(ARGS)

pdf: $(STAMP)
	$(PY) tools/make_pdf.py

test: $(STAMP)
	$(PY) -m pytest $(ARGS)

lint: $(STAMP)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

results: $(STAMP)
	@$(PY) tools/results.py $(ARGS)

# The stamp comes last, so an installation that stopped half-way is done again; and a .venv whose
# Python is gone, or that never got its pip, is made anew.
$(STAMP): requirements.txt pyproject.toml
	@$(PY) -m pip --version >/dev/null 2>&1 || { \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
	    || { echo '$(PYTHON) is missing or older than Python 3.10: give another with PYTHON=...' >&2; exit 1; }; \
	  $(PYTHON) -m venv --clear $(VENV); }
	$(PY) -m pip install --requirement requirements.txt
	@touch $@

# The execution cache goes too: the next `make book` runs every chapter.
clean:
	rm -rf _build build dist *.egg-info .pytest_cache .hypothesis .ruff_cache .mypy_cache
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +
