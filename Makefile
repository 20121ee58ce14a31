# Needs Python 3.11 or newer, and make. Everything else goes into .venv/, all state into var/.

BIN := .venv/bin
MADE := .venv/.made
RUN := .venv/.run
DEV := .venv/.dev
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Only the pins and hashes in requirements/ decide what is installed.
define install
	@echo "Installing $(1) into .venv (half a minute the first time)"
	@$(PIP) --require-hashes -r $(1)
	@$(PIP) --no-deps --no-build-isolation --editable .
endef

LOCK = $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	$(if $(UPGRADE),--upgrade) pyproject.toml --extra build

.DEFAULT_GOAL := help
.PHONY: help install run test bench check lock
.DELETE_ON_ERROR:

help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | awk -F'|' '{ printf "make %-10s %s\n", $$1, $$2 }'

install: $(RUN) ## Install the libraries into .venv, for real use

run: $(RUN) ## Start the demonstration on http://127.0.0.1:8000 (PLANNER_TODAY sets its date)
	@export PLANNER_TODAY="$${PLANNER_TODAY:-2024-10-15}" \
		&& $(BIN)/planner demo && exec $(BIN)/planner serve

test: $(DEV) ## Run every test, on SQLite, PostgreSQL and in a browser
	@$(BIN)/python -m tools.chromium
	@$(BIN)/python -m pytest -q -n 2

bench: $(DEV) ## Measure what is promised, at full size, into docs/bench.md (half an hour)
	@$(BIN)/python -m pytest -q -s bench

check: $(DEV) ## Check style, types, layers, and that migrations equal models
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/planner db check

lock: | $(BIN)/uv ## Pin every library with its hashes (UPGRADE=1: the newest ones)
	$(LOCK) --output-file requirements/run.txt
	$(LOCK) --extra dev --constraint requirements/run.txt --output-file requirements/dev.txt

$(MADE): tools/find_python.sh
	@python="$$(PYTHON='$(PYTHON)' tools/find_python.sh)" && "$$python" -m venv .venv
	@touch $@

$(RUN): requirements/run.txt pyproject.toml | $(MADE)
	$(call install,requirements/run.txt)
	@touch $@

$(DEV): requirements/dev.txt pyproject.toml | $(MADE)
	$(call install,requirements/dev.txt)
	@touch $(RUN) $@

$(BIN)/uv:
	@$(MAKE) $(DEV)
