SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3.11
BIN := .venv/bin
DATA ?=
TABLES := docs/extend/index.md docs/results/reading.md $(wildcard docs/reference/*.md)
COG = PYTHONPATH=.:docs $(BIN)/cog -c
# Servers are late on a busy machine. Failed tests run again alone; a second failure counts.
ALONE = test $$? = 1 && echo "These tests failed and run once more, alone:" && \
	$(BIN)/pytest -n 0 -x -v --last-failed --last-failed-no-failures none
# The longest drills begin first.
LONGEST := tests/drills/test_soak.py tests/drills/test_fuzzing.py

help:  ## list these targets
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*##/\t/' | expand -t 12

install: .venv/installed  ## make .venv from the locked requirements

.venv/installed: requirements.lock requirements-torch.lock pyproject.toml
	command -v $(PYTHON) >/dev/null && $(PYTHON) -m venv .venv || python3 -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-torch.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

run: install  ## run the whole loop on real messages, two cycles
	$(BIN)/needloop run

up: install  ## start Prefect, MLflow, the service and the schedules, until ctrl-c
	$(BIN)/needloop up

test: install  ## run all tests; failed tests run once more, alone
	$(BIN)/pytest || { $(ALONE); }

drills: install  ## run the long tests: failures on purpose, load, the console in Chromium
	$(BIN)/pytest $(LONGEST) $(filter-out $(LONGEST), $(sort $(wildcard tests/drills/test_*.py))) -n 2 -m "drill and not alone" || { $(ALONE) -m drill; }
	$(BIN)/pytest tests/drills -n 0 -m "drill and alone"

docs: install  ## write the tables of docs/reference from the code, and build the site docs/_build/index.html
	$(COG) -r $(TABLES)
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build

lint: install  ## check format, lint, types, import contracts and generated tables
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(COG) --check $(TABLES)

bench: install  ## measure the figures of the README; DATA=FOLDER adds the public data sets
	$(BIN)/python -m pipelines.labels.agreement
	$(BIN)/python tests/bench/masking.py
	$(BIN)/python tests/bench/folds.py intent
	$(BIN)/python tests/bench/folds.py sentiment
	$(BIN)/needloop bench adaptation --data "$(DATA)"
	$(BIN)/needloop bench gate --data "$(DATA)"
	$(BIN)/needloop bench serving

.PHONY: help install run up test drills docs lint bench
