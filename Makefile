# Everything a person needs, each target doing its own set-up. Repeated calls are quick: stamps lie in .venv.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
HOST ?= 127.0.0.1
ARGS ?=
RUN_STAMP := $(VENV)/.requirements.stamp
DEV_STAMP := $(VENV)/.requirements-dev.stamp
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
CODE := manage.py helpdesk attachments tickets approvals surveys reports tests

.PHONY: help run test check fix messages screens bench papers lock clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(RUN_STAMP)  ## the whole product with the demonstration, at http://localhost:8000 (PORT=…)
	@exec $(BIN)/python manage.py up --demo --host $(HOST) --port $(PORT) $(ARGS)

test: $(DEV_STAMP)  ## the test suite (ARGS="tests/core -k env" for a part)
	@exec $(BIN)/pytest $(ARGS)

# Read-only: nothing here changes a file of the tree.
check: $(DEV_STAMP)  ## lint, types, import contracts, migrations, deployment settings, templates
	@$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy --cache-dir $(VENV)/.mypy_cache
	HELPDESK_ENV=test HELPDESK_DATA=var/test $(BIN)/python manage.py quality

fix: $(DEV_STAMP)  ## mend what tools can mend
	@$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

messages: $(DEV_STAMP)  ## collect the texts into locale/, compile the translations, name what is not translated
	@exec $(BIN)/python -m tests.words

screens: $(DEV_STAMP)  ## photograph every page as every person into screenshots/
	@exec $(BIN)/python -m tests.screens $(ARGS)

bench: $(DEV_STAMP)  ## measure with many tickets (ARGS="--tickets 10000")
	@exec $(BIN)/python -m tests.bench $(ARGS)

papers: $(DEV_STAMP)  ## write every document, and one of a hard ticket, into var/papers/ to be looked at
	@exec $(BIN)/python -m tests.reports.papers $(ARGS)

lock: $(DEV_STAMP)  ## compile requirements*.txt anew from pyproject.toml
	@compile() {
	  $(BIN)/pip-compile --quiet "$$@" pyproject.toml
	}
	compile --output-file requirements.txt
	compile --extra dev --output-file requirements-dev.txt

clean:  ## remove what was made here: virtual environment, data of the embedded PostgreSQL, caches
	@rm -rf $(VENV) var staticfiles screenshots .pytest_cache .ruff_cache .mypy_cache .hypothesis

# --- set-up ---

# A Python of at least 3.12: the one .python-version asks for where it exists, then whatever is there, then uv.
$(VENV)/bin/python:
	@new_enough() { "$$1" -c 'import sys, venv; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; }
	for python in "python$$(cat .python-version 2>/dev/null)" python3.13 python3.12 python3.14 python3 python; do
	  if new_enough "$$python"; then
	    echo "Making $(VENV) with $$("$$python" --version)"
	    if "$$python" -m venv $(VENV); then exit 0; fi
	    rm -rf $(VENV)
	    echo "$$python cannot make virtual environments (on Debian: install $$python-venv)." >&2
	  fi
	done
	if command -v uv >/dev/null; then
	  exec uv venv --seed --python '>=3.12' $(VENV)
	fi
	echo "The helpdesk needs Python 3.12 or newer with venv (or uv), and none was found." >&2
	exit 1

$(RUN_STAMP): requirements.txt | $(VENV)/bin/python
	@if test -e $(DEV_STAMP); then $(MAKE) --no-print-directory $(DEV_STAMP); else $(INSTALL) -r requirements.txt; fi
	touch $@

$(DEV_STAMP): requirements-dev.txt | $(VENV)/bin/python
	@$(INSTALL) -r requirements-dev.txt
	touch $@
