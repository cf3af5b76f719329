# Every target may be run at any time, and again: what is done already is not done twice.

VENV := .venv
NATIVE := $(wildcard src/bongsu/native/*.[ch]) src/bongsu/native/build.py
PY := $(VENV)/bin/python
TESTS ?= tests

# Compiled once, instead of in each of the hundreds of processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run demo check test test-deps native pytest js lint format types contracts fuzz audit pins docs pictures bench clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.ready ## prepare .venv with the pinned packages

setup-dev: $(VENV)/.ready-dev ## the same with the tools for development and tests

$(VENV)/bin/python:
	@sh scripts/venv.sh $(VENV)

$(VENV)/.ready: $(VENV)/bin/python requirements.txt pyproject.toml $(NATIVE)
	@echo "Installing the pinned packages into $(VENV) …"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	@echo "Installing the pinned tools into $(VENV) …"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

run: setup ## start everything on this machine; ARGS="--port 0" passes flags
	@exec $(VENV)/bin/bongsu up $(ARGS)

demo: setup ## the same with a simulated shop and data feed, labelled as simulated
	@exec $(VENV)/bin/bongsu up --demo $(ARGS)

check: setup ## test this installation in a few seconds
	@$(VENV)/bin/bongsu check

test: setup-dev test-deps native lint contracts js ## everything that must hold before a change is good
	@TYPES=1 sh scripts/suite.sh $(TESTS)

test-deps: ## install the programs that tests use (apt-get; only what is missing)
	@sh scripts/test_deps.sh

native: setup ## build the native library if it is missing and there is a C compiler now
	@ls src/bongsu/native/*.so >/dev/null 2>&1 || $(PY) src/bongsu/native/build.py

lint: setup-dev ## style of the code
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

format: setup-dev ## bring the code into style
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

types: setup-dev ## mypy, strict
	@$(PY) -m mypy

contracts: setup-dev ## who may import whom
	@$(VENV)/bin/lint-imports

js: ## the board's modules, where Node is there
	@sh scripts/js_tests.sh

pytest: setup-dev
	@sh scripts/suite.sh $(TESTS)

fuzz: setup-dev ## the property tests with twenty times the examples, and REST with what its document allows and doesn't
	@$(PY) -m pytest -q -n 2 --hypothesis-profile=fuzz tests/property
	@BONGSU_FUZZ=300 $(PY) -m pytest -q tests/integration/test_rest_schema.py

audit: setup-dev ## known holes in the pinned packages, and bandit
	@$(PY) -m bandit -q -c pyproject.toml -r src/
	@$(PY) scripts/audit.py

pins: setup-dev ## pin the newest packages with their hashes; needs Python 3.11
	@$(PY) scripts/pin.py --upgrade

docs: setup-dev ## write the documents that come from the code
	@$(PY) scripts/documents.py

pictures: setup-dev ## take the user guide's pictures from the demo anew
	@BONGSU_PICTURES=1 $(PY) -m pytest -q tests/browser/test_guide_pictures.py

bench: setup-dev ## measure; needs make test-deps BENCH=1; ARGS="size --quick" chooses
	@$(PY) -m bench $(ARGS)

clean: ## remove what was built; data and logs stay
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
