# The commands of the repository. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
DATA ?= kelp-data
LISTEN ?= localhost:8443
WORKERS ?= 2
EXAMPLES ?= 100
# The environment is as it should be when this file, named after what it was made from, exists.
STAMP := $(VENV)/.made-from-$(shell cat requirements-dev.lock pyproject.toml 2>/dev/null | sha256sum | cut -c1-16)

# The same for the environment of `az`, which is large and needs other versions than Kelp.
AZ_VENV := .venv-az
AZ_STAMP := $(AZ_VENV)/.made-from-$(shell sha256sum <requirements-az.lock | cut -c1-16)

# The portal is as it should be when this file, named after its sources, exists.
PORTAL := src/kelp/api/portal/assets
PORTAL_SOURCES = find -L portal tools/build_portal \( -name node_modules -o -name .node \) -prune -o -type f -print
PORTAL_STAMP := $(PORTAL)/.made-from-$(shell $(PORTAL_SOURCES) | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum | cut -c1-16)

.PHONY: help setup portal portal-types check-portal screenshots run test test-shuffled test-long fuzz test-az check lint types imports fmt docs lock bench clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv with Kelp and all that development needs
	@:

$(STAMP): | requirements-dev.lock
	@echo "Setting up $(VENV); the first time takes a minute or two."
	@tools/make_environment $(PYTHON) $(VENV) requirements-dev.lock
	@rm -f $(VENV)/.made-from-*
	@touch $@

portal: $(PORTAL_STAMP) ## build the portal's pages into the package
	@:

$(PORTAL_STAMP): | setup
	@echo "Building the portal."
	@tools/build_portal $(PYTHON)
	@touch $@

run: setup portal ## start Kelp on https://localhost:8443 with this machine's own logs
	@exec $(BIN)/kelp serve --data $(DATA) --listen $(LISTEN) --local-logs

test: setup portal ## run the test suite
	$(BIN)/pytest -p no:randomly --hypothesis-profile repeatable -n $(WORKERS) --dist loadfile $(ARGS)

test-shuffled: setup portal ## run the test suite in another order each time: no test may rely on its neighbours
	$(BIN)/pytest -n $(WORKERS) --dist loadfile $(ARGS)

test-long: setup ## run the tests that take minutes: mutation, thousands of tables, crashes by the hundred
	$(BIN)/pytest -m long --timeout 3600 $(ARGS)

fuzz: setup ## ask every route what its description allows, a hundred times; EXAMPLES=1000 for longer
	KELP_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest tests/security/test_described_routes.py $(ARGS)

test-az: setup $(AZ_STAMP) ## run the tests that drive the real `az`, in an environment of its own
	$(BIN)/pytest -m az -n $(WORKERS) --dist loadfile tests/az $(ARGS)

$(AZ_STAMP): | requirements-az.lock
	@echo "Setting up $(AZ_VENV), about 730 MB; this takes a minute."
	@test -x $(AZ_VENV)/bin/python || $(PYTHON) -m venv $(AZ_VENV)
	@$(AZ_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile \
		--require-hashes --requirement requirements-az.lock
	@rm -f $(AZ_VENV)/.made-from-*
	@touch $@

check: setup lint types imports check-portal ## everything that runs without starting Kelp: lint, types, layers, budgets
	$(BIN)/pytest -q tests/architecture

lint: setup ## style, format and spelling
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell

types: setup ## static types
	$(BIN)/mypy

imports: setup ## the layers
	$(BIN)/lint-imports

portal-types: setup ## write the portal's types anew from what the server describes
	@tools/build_portal $(PYTHON) install
	@$(BIN)/python tools/portal_types.py

check-portal: setup ## types, lint, format and unit tests of the portal
	@tools/build_portal $(PYTHON) install
	@$(BIN)/python tools/portal_types.py --check
	@cd portal && PATH="$$PWD/.node/bin:$$PATH" npm run --silent check

screenshots: setup portal ## take the pictures of the portal in docs/images anew
	KELP_WRITE_SCREENSHOTS=1 $(BIN)/pytest -q -p no:randomly tests/portal/test_screenshots.py

fmt: setup ## format, and mend what can be mended by rule
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: setup ## write the generated pages of docs/ again
	$(BIN)/python tools/settings_page.py
	$(BIN)/python tools/kql_support_page.py
	$(BIN)/python tools/api_compatibility_page.py

# With what `setup` made once, and without it now: that would have the environment run this working tree.
lock: ## resolve the dependencies again and write the lock files
	tools/lock $(BIN)

bench: setup ## run the benchmarks
	$(BIN)/python -m benchmarks $(ARGS)

clean: ## remove what was made, but no data and not the environment
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
