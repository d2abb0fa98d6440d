# Two commands do all the setting up: `make run` and `make test`. Both install what is missing; system packages only as root.
PYTHON ?= python3
BIN := .venv/bin
CONFIG ?= screener.yaml
.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 16

.PHONY: run
run: venv ## start the hop on the sample configuration, with an embedded next hop (a Maildir)
	$(BIN)/screener run --config $(CONFIG)

.PHONY: demo
demo: venv ## send messages to the running hop and show what became of each
	$(BIN)/screener demo --config $(CONFIG)

.PHONY: venv
venv: .venv/.ready ## set up .venv with what the hop needs

.venv/.ready: pyproject.toml constraints.txt
	@PYTHON=$(PYTHON) sh tests/install.sh libmagic1 python3-venv
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --quiet --constraint constraints.txt --editable .
	@touch $@

.venv/.ready-for-tests: .venv/.ready
	$(BIN)/pip install --quiet --quiet --constraint constraints.txt --editable '.[test]'
	@touch $@

.PHONY: test-setup
test-setup: .venv/.ready-for-tests
	@PYTHON=$(PYTHON) sh tests/install.sh postfix swaks libnet-ssleay-perl openssl e2fsprogs prometheus iproute2

.PHONY: check
check: .venv/.ready-for-tests ## format, lint, types, layers
	$(BIN)/ruff format --check screener tests bench
	$(BIN)/ruff check screener tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: test
test: test-setup check ## all checks and all tests, with real peers
	$(BIN)/pytest

.PHONY: format
format: .venv/.ready-for-tests ## put the code into its form
	$(BIN)/ruff format screener tests bench
	$(BIN)/ruff check --fix screener tests bench

.PHONY: clean
clean: ## remove the virtual environment and caches; var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info
