# Two commands do all the set-up: `make demo` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
# Only what has changed since is installed again.
RUN_STAMP := $(VENV)/.installed-run
TEST_STAMP := $(VENV)/.installed-test

export WENYUAN_HOME ?= $(CURDIR)/wenyuan-data

.PHONY: help demo test check fast bench clean

help: ## List what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

demo: $(RUN_STAMP) ## Ingest the sample collection and serve it at http://127.0.0.1:8000 (PORT= changes it)
	WENYUAN_HOST=$(HOST) WENYUAN_PORT=$(PORT) $(BIN)/wenyuan demo

test: $(TEST_STAMP) ## Install what the tests need and pass them all
	$(BIN)/python tests/prepare.py
	$(MAKE) check
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder $(TESTS)

check: $(TEST_STAMP) ## Formatting, lint, types, import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fast: $(TEST_STAMP) ## The tests that take a moment
	$(BIN)/pytest -m "not slow and not browser and not server" -n auto

bench: $(TEST_STAMP) ## Measure; figures go to benchmarks/out/
	$(BIN)/python -m benchmarks

clean: ## Take the environment away; data stays
	rm -rf $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 或更新的版本 / Python 3.11 or newer is needed; set PYTHON=… to name one"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "请安装 python3-venv / please install the system package python3-venv"; exit 1; }

$(RUN_STAMP): $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

# iiif-prezi3 asks for an old Pillow, for what no test of ours uses: it comes without what it asks for.
$(TEST_STAMP): $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[test]'
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps iiif-prezi3==3.1.1
	@touch $(RUN_STAMP) $@
