# `make` alone lists what there is. Everything runs from .venv, which is made on first use and again when
# requirements/ or pyproject.toml change; nothing outside this folder is touched.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

BIN := .venv/bin
PYTHON := $(BIN)/python
PIP := $(PYTHON) -m pip --disable-pip-version-check --quiet
# The stamps: what `make demo` needs, and on top of it what `make test` needs. The second follows the first, so
# that two pips never work in one environment under `make -j`.
MAIN := .venv/.main
DEV := .venv/.dev

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# -- the environment ---------------------------------------------------------------------------------------------

$(MAIN): requirements/main.txt requirements/build.txt pyproject.toml
	@if ! $(PYTHON) -m pip --version >/dev/null 2>&1; then \
	    found=; \
	    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
	        if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	            found=$$candidate; break; \
	        fi; \
	    done; \
	    if [ -z "$$found" ]; then \
	        echo "Steward needs Python 3.11 or newer with its venv module; none was found on the PATH." >&2; exit 2; \
	    fi; \
	    "$$found" -m venv --clear .venv; \
	fi
	@echo "Installing the locked libraries into .venv; the first time this takes a minute or two."
	@$(PIP) install --require-hashes -r requirements/main.txt -r requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements/dev.txt $(MAIN)
	@echo "Installing the locked test tools into .venv."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

# -- what users want ---------------------------------------------------------------------------------------------

.PHONY: demo
demo: $(MAIN) ## replay the sample community and say where the report is
	@$(BIN)/steward demo

# -- tests and checks --------------------------------------------------------------------------------------------

.PHONY: test test-all
test: $(DEV) ## the quick tests, under four minutes
	@$(PYTHON) -m pytest -m "not slow and not bench"

test-all: $(DEV) ## every test, the long stories too
	@$(PYTHON) -m pytest -m "not bench"

.PHONY: conformance
conformance: $(DEV) ## hold what the bot asks of Discord in the tests against Discord's API description, where that is
	@$(PYTHON) -m tests.conformance

.PHONY: check check-style check-types check-image check-lock check-changelog
check: check-style check-types check-image check-lock check-changelog ## style, types, Dockerfile, lock, changelog

check-style: $(DEV)
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check

check-types: $(DEV)
	@$(PYTHON) -m mypy

check-image: $(DEV)
	@$(BIN)/hadolint Dockerfile

# pip check finds a dependency in pyproject.toml that the lock does not fulfil.
check-lock: $(DEV)
	@if grep -nE '://|file:|^-' requirements/*.txt; then \
	    echo "requirements/ must name no address, path or option: run make lock." >&2; exit 1; \
	fi
	@$(PYTHON) -m pip check

check-changelog:
	@grep -q '^## \[Unreleased\]' CHANGELOG.md || { echo "CHANGELOG.md needs an Unreleased section." >&2; exit 1; }

.PHONY: lint format
lint: check-style ## only ruff: rules and layout

format: $(DEV) ## mend style and layout where a tool can
	@$(PYTHON) -m ruff check --fix-only
	@$(PYTHON) -m ruff format

.PHONY: bench
bench: $(DEV) ## measure speed, memory and scores; writes docs/benchmarks.md
	@$(PYTHON) -m benchmarks

# -- making things -----------------------------------------------------------------------------------------------

.PHONY: train
train: $(DEV) ## train the shipped model again; installs torch; DATA=folder adds others' rows, TRY=1 tries it with few
	@$(PIP) install --no-build-isolation -e '.[train]'
	@$(PYTHON) -m training $(if $(DATA),--data $(DATA)) $(if $(TRY),--rows 1000 --epochs 2 --work out/try --out out/try/model)

# One resolution for every platform and for Python 3.11 and newer. uv is installed only here: nobody else needs it.
# The second and third are held to the first, so that the three can share an environment.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)
.PHONY: lock
lock: $(MAIN) ## lock the dependencies again; UPGRADE=--upgrade takes the newest
	@$(PIP) install 'uv>=0.13,<0.14'
	@$(LOCK) pyproject.toml --output-file requirements/main.txt
	@$(LOCK) --group build --constraints requirements/main.txt --output-file requirements/build.txt
	@$(LOCK) pyproject.toml --group dev --constraints requirements/main.txt --constraints requirements/build.txt \
	    --output-file requirements/dev.txt

.PHONY: wheel
wheel: $(MAIN) ## build dist/*.whl, with the model and the samples inside
	@rm -rf dist
	@$(PYTHON) -m build --wheel --no-isolation
	@files=$$($(PYTHON) -m zipfile -l dist/*.whl) || exit 1; \
	for part in bot/samples/ moderation/classifier/model/ migrations/; do \
	    echo "$$files" | grep "^$$part" >/dev/null || { echo "The wheel lacks $$part" >&2; exit 1; }; \
	done

.PHONY: clean
clean: ## remove the environment, caches and builds
	@rm -rf .venv build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
