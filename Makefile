# Two commands do all the setting up: `make run` and `make test`. Both install what is missing; system packages only as root.
# The distribution's Python before another one on the path: it is built with profiles, and screening takes an eighth less CPU (bench.screening).
PYTHON ?= $(shell for it in /usr/bin/python3 python3; do $$it -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; done; echo $$it)
BIN := .venv/bin
CONFIG ?= screener.yaml
MINUTES ?= 10
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
venv: ## set up .venv with what the hop needs
	@flock Makefile $(MAKE) --silent .venv/.ready # `make demo` may be typed while `make run` still sets up

.venv/.ready: pyproject.toml constraints.txt
	@PYTHON=$(PYTHON) sh tests/install.sh libmagic1 libarchive13 python3-venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 …")'
	@echo "Setting up .venv"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --quiet --constraint constraints.txt --editable .
	@touch $@

.venv/.ready-for-tests: pyproject.toml constraints.txt | venv
	$(BIN)/pip install --quiet --quiet --constraint constraints.txt --editable '.[test]'
	@touch $@

$(BIN)/promtool: | venv
	@sh tests/promtool.sh $@

.PHONY: test-setup
test-setup: .venv/.ready-for-tests $(BIN)/promtool
	@sh tests/install.sh postfix swaks libnet-ssleay-perl openssl e2fsprogs iproute2

.PHONY: check
check: .venv/.ready-for-tests ## format, lint, types, layers
	$(BIN)/ruff format --check screener tests bench fuzz
	$(BIN)/ruff check screener tests bench fuzz
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: test
test: test-setup check ## all checks and all tests, with real peers
	$(BIN)/pytest

PEERS ?= postfix postfix-checks rspamd
ROUNDS ?= 3
SECONDS_EACH ?= 1.2
CELLS ?= default
BENCH := PYTHONPATH=tests $(BIN)/python -m

.PHONY: bench
bench: .venv/.ready-for-tests ## speed beside its peers into bench/RESULTS.md (a quarter of an hour; root); PEERS="postfix rspamd amavis haraka"
	$(BENCH) bench $(PEERS) --rounds $(ROUNDS) --seconds $(SECONDS_EACH) --cells $(CELLS)

.PHONY: bench-scale
bench-scale: .venv/.ready-for-tests ## long queue, long history, many rules and sessions into bench/RESULTS.md (five minutes; root); PARTS="queue"
	$(BENCH) bench.scale $(PARTS)

.PHONY: bench-growth
bench-growth: .venv/.ready-for-tests ## CPU a message against rules, words, recipients, queue, size; drawn (three minutes; root)
	$(BENCH) bench.growth

.PHONY: bench-quick
bench-quick: .venv/.ready-for-tests ## CPU a message against the recorded figures (about a minute; root); RECORD=1 keeps the new ones
	@sh tests/install.sh postfix
	$(BENCH) bench.quick $(if $(RECORD),--record)

BASE ?= HEAD
TURNS ?= 8

.PHONY: bench-compare
bench-compare: .venv/.ready-for-tests ## CPU and rate of this tree against another revision, in turn (two minutes; root); BASE=main~3 CELL="S-new M-reuse"
	@sh tests/install.sh postfix
	@at=$$(mktemp -d /var/tmp/screener-base-XXXXXX) && trap 'rm -rf "$$at"' EXIT && chmod 755 "$$at" && \
	git clone --quiet --shared . "$$at/base" && git -C "$$at/base" checkout --quiet --detach "$$(git rev-parse --verify "$(BASE)^{commit}")" && \
	$(BENCH) bench.compare "$$at/base" . --rounds $(TURNS) $(if $(CELL),--cell $(CELL))

.PHONY: bench-bounds
bench-bounds: .venv/.ready-for-tests ## rates without screening, without the store: what gates they hold (five minutes; root); CELL="M-new" TURNS=5
	@sh tests/install.sh postfix
	$(BENCH) bench.bounds --rounds $(TURNS) $(if $(CELL),--cell $(CELL))

.PHONY: bench-profile
bench-profile: .venv/.ready-for-tests ## where a message's CPU time goes, room by room (root); LETTER="S --reuse"
	@sh tests/install.sh postfix
	$(BENCH) bench.profile $(LETTER)

.PHONY: fuzz
fuzz: .venv/.ready-for-fuzz ## look for octets that break a promise of the anatomy: MINUTES=10 for each of four targets twice, for compositions, and for PDFs beside real readers twice
	for target in message file markup field; do $(BIN)/python fuzz/run.py $$target --minutes $(MINUTES) || exit 1; done
	for target in message file markup field; do $(BIN)/python fuzz/bent.py $$target --minutes $(MINUTES) || exit 1; done
	$(BIN)/python fuzz/composed.py --minutes $(MINUTES)
	for target in files texts; do $(BIN)/python fuzz/pdfs.py $$target --minutes $(MINUTES) || exit 1; done

.venv/.ready-for-fuzz: .venv/.ready-for-tests
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[fuzz]'
	@touch $@

.PHONY: format
format: .venv/.ready-for-tests ## put the code into its form
	$(BIN)/ruff format screener tests bench fuzz
	$(BIN)/ruff check --fix screener tests bench fuzz

.PHONY: clean
clean: ## remove the virtual environment and caches; var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info
