# Every target sets up what it needs: a fresh clone, Python 3.11 to 3.13 and make are enough.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test coverage load soak fuzz chaos bench check format messages run lock clean

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CODE := bot adapters sandbox tests

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## the virtual environment in .venv, and nothing else

demo: $(READY) ## the real bot between stand-ins of the three services: type, watch, look at the pictures
	@$(BIN)/python -m sandbox

test: $(READY) ## every test; needs no account and no network
	@$(BIN)/python -m pytest --numprocesses=auto --dist=worksteal $(ARGS)

coverage: $(READY) ## the same, and which lines they reach; slower
	@$(BIN)/python -m pytest --numprocesses=auto --dist=worksteal --cov --cov-report=term $(ARGS)

load: $(READY) ## a crowd in one burst: answers, pace, fairness and memory under load, about two minutes
	@$(BIN)/python -m sandbox.load $(ARGS)

soak: $(READY) ## 20,000 commands with faults among them: is everything flat in the end? about a quarter of an hour
	@$(BIN)/python -m sandbox.soak $(ARGS)

fuzz: $(READY) ## 50,000 nasty texts through grammar, words and both platforms' rules; some minutes
	@$(BIN)/python -m pytest tests/fuzz --hypothesis-profile=fuzz --timeout=0 --quiet

chaos: $(READY) ## kill the bot 400 times at chosen and random moments, and count what is lost
	@$(BIN)/python -m sandbox.chaos $(ARGS)

bench: $(READY) ## what taking a command costs with 1,000,000 rows of history, and under a month's budget
	@$(BIN)/python tests/bench_accept.py

check: $(READY) ## format, lint, types, import rules
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(READY) ## let ruff rewrite what it can
	@$(BIN)/ruff check --fix-only --quiet $(CODE)
	@$(BIN)/ruff format $(CODE)

messages: $(READY) ## the languages' catalogues made anew from the sources, translations kept
	@PYTHONPATH=. $(BIN)/python tests/catalogues.py

run: $(READY) ## the bot in production: the platforms whose tokens are set (see .env.example)
	@exec $(BIN)/python -m bot run

lock: ## make both lock files anew (needs uv on the PATH)
	@for extra in "" dev; do \
	  uv pip compile pyproject.toml requirements.in --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-header --no-annotate --no-strip-extras --quiet --upgrade \
	    $${extra:+--extra $$extra --constraint requirements.txt} \
	    --output-file requirements$${extra:+-$$extra}.txt || exit 1; \
	done

clean: ## remove the virtual environment and what tools left behind
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage demo

# A Python counts only if it runs and can make a virtual environment (a pyenv shim may do neither).
$(READY): requirements-dev.txt
	@python=$$(for p in python3.13 python3.12 python3.11 python3 python; do \
	  $$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	    2>/dev/null && echo $$p && break; done); \
	if [ -z "$$python" ]; then \
	  echo "No usable Python 3.11, 3.12 or 3.13 found (with its venv module: python3-venv on Debian)." >&2; exit 1; fi; \
	echo "Setting up $(VENV) with $$($$python --version), about half a minute …"; \
	rm -rf $(VENV) && $$python -m venv $(VENV)
	@$(BIN)/pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
