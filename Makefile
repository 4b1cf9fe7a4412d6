# Needs Python 3.11 or newer, make, and a way to run Kafka: Docker, or JDK 17 with Maven, or PLAYCALL_BOOTSTRAP=host:port.
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
SEED ?= 1
ROW ?=
WHOLE ?=
N ?= 12

.DEFAULT_GOAL := help
.PHONY: help venv lock format check test test-long mutation demo faults silence bench sweep openruns latency badinput librarycost clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  \033[1m%-11s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST) | if [ -t 1 ] && [ -z "$$NO_COLOR" ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi

venv: $(VENV)/.installed ## install the locked dependencies and playcall itself into .venv

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.synced: requirements.lock | $(BIN)/uv
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip sync --quiet --require-hashes requirements.lock
	@touch $@

$(VENV)/.installed: $(VENV)/.synced pyproject.toml
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

lock: | $(BIN)/uv ## resolve the dependencies of pyproject.toml into requirements.lock, with hashes
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev --no-header --no-emit-index-url --output-file requirements.lock pyproject.toml

format: venv ## format the code and apply the safe lint fixes
	$(BIN)/ruff format
	$(BIN)/ruff check --fix-only

check: venv ## format check, lint, types, import contracts
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

test: venv ## every test, on a real Kafka: make test ARGS="tests/unit -x"
ifeq ($(strip $(ARGS)),)
	@failed=0; \
	$(BIN)/python -m pytest -n auto --dist loadfile --durations 10 -m "not broker and not long" || failed=1; \
	$(BIN)/python -m pytest -n 2 --dist loadfile --durations 25 -m "broker and not long" || failed=1; \
	exit $$failed
else
	$(BIN)/python -m pytest $(ARGS)
endif

test-long: venv ## the tests that wait out outages and sessions, and nothing else
	$(BIN)/python -m pytest -m long $(ARGS)

mutation: venv ## change one thing in what decides at a time: does a test notice? make mutation ARGS="--seed 3 --per-file 20 drop"
	$(BIN)/python -m tests.mutation.run $(ARGS)

demo: venv ## months of a customer fleet through a real Kafka: make demo ARGS="--help"
	$(BIN)/playcall demo $(ARGS)

faults: venv ## kill, freeze and scale workers, then compare: SEED=7 N=12 with an oracle, WHOLE=1 the whole library with one thread, ROW=1 (all)
	$(BIN)/python -m tests.faults.run --seed $(SEED) --faults $(N) $(if $(WHOLE),--whole) $(if $(ROW),--row $(ROW)) $(ARGS)

silence: venv ## nobody who came is called absent: feeds cut, hidden, misplaced, stalled over 5,000 accounts: make silence ACT=cut
	$(BIN)/python -m tests.faults.silence.run --seed $(SEED) $(if $(ACT),--act $(ACT)) $(ARGS)

bench: venv ## CPU per event, events/s, recovery, bytes per account
	$(BIN)/python -m tests.bench.run $(ARGS)

sweep: venv ## 100,000 accounts at rest get ten rules while events flow, then ten more under kill -9
	$(BIN)/python -m tests.bench.sweep $(ARGS)

openruns: venv ## 100,000 open runs in one worker: lateness of 500 timers/s, bytes per run, restart
	$(BIN)/python -m tests.bench.open_runs $(ARGS)

latency: venv ## from a P1 ticket's append to its launch, p50 and p99
	$(BIN)/python -m tests.bench.latency $(ARGS)

badinput: venv ## good events alone, then with 1,000 bad records a second between them: throughput and CPU per event
	$(BIN)/python -m tests.bench.bad_input $(ARGS)

librarycost: venv ## CPU of the whole library beside the starter pack, bytes per account over 400 days, a quiet day of 100,000
	$(BIN)/python -m tests.bench.library_cost $(ARGS)

clean: ## remove what the tools leave behind (not .venv)
	rm -rf build dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
