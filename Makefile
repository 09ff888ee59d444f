# One target per habit. Python 3.11+ and make are all that is assumed:
# everything else is installed into .venv, again whenever requirements.txt changes.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
OUTPUT ?= runs/demo

# Tests and measurements start hundreds of processes: what is compiled once is kept, as it is on
# a machine where nothing is set.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo workbook test lint format soak bench pictures outputs wheel lock clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1	/' | expand -t 18

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 …" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

demo: $(STAMP)  ## onboard a customer on the sandbox, start to end, and show what happened
	$(BIN)/python -m bridge_helpers onboard --apply --output $(OUTPUT)

workbook: $(STAMP)  ## open JupyterLab at 00_start_here with a sandbox beside it
	$(BIN)/python -m bridge_helpers workbook

# Six workers on two cores: the tests wait for sandboxes and kernels more than they compute. Files
# keep the order of tests/conftest.py, where those that take long come first.
test: $(STAMP)  ## every test that is quick enough to run each time
	$(BIN)/python -m pytest -n 6 --dist loadfile --no-loadscope-reorder \
	  -m "not soak and not browser" --ignore=tests/benchmarks
	$(BIN)/python -m pytest -n 2 --dist load --maxschedchunk 1 -m browser tests/browser

lint: $(STAMP)  ## format, lint and types, of code and notebooks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(STAMP)  ## put code and notebooks in the common format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

soak: $(STAMP)  ## the long trials
	$(BIN)/python -m pytest -m soak
	$(BIN)/python -m pytest --hypothesis-profile=soak tests/faults/test_fuzz.py \
	  tests/faults/test_hostile.py tests/faults/test_refusals.py tests/sandbox/test_parts.py

bench: $(STAMP)  ## measurements, ours beside others', and the bars they have to clear
	$(BIN)/python -m pytest tests/benchmarks
	$(BIN)/python -m tests.benchmarks

pictures: $(STAMP)  ## the README's screenshots, from a real JupyterLab
	$(BIN)/python -m tests.browser.pictures

outputs: $(STAMP)  ## what onboard.ipynb shows with its defaults, kept for comparison
	$(BIN)/python -m tests.notebooks.keep notebooks/onboard.ipynb

wheel: $(STAMP)  ## the package with its notebooks, to install elsewhere
	$(BIN)/python -m hatchling build -t wheel

lock: $(STAMP)  ## pin the whole set anew from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	{ echo "# The whole set, pinned; made by \`make lock\` from pyproject.toml."; echo "-e ."; \
	  $(BIN)/uv pip compile --quiet --universal --no-header --no-annotate --python-version 3.11 \
	  --extra test --extra workbook pyproject.toml; } > requirements.new
	mv requirements.new requirements.txt

clean:  ## remove what the targets made
	rm -rf $(VENV) runs/demo dist .pytest_cache .mypy_cache .ruff_cache
