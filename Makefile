# Two commands do everything: `make run` and `make test`. Both need only Python 3.11, make and git.
PORT   ?= 8000
PYTHON ?= python3
BIN    := .venv/bin
LOCK   := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11.2 \
          --no-emit-index-url --no-emit-find-links --no-header

# For one Python on one platform, Pyodide's. What only a terminal or jedi's completion needs would be half of all that is loaded.
PYODIDE_LOCK := $(filter-out --universal --python-version 3.11.2,$(LOCK)) --python-version 3.14 --python-platform wasm32-pyodide2025
BROWSER_LOCK := $(PYODIDE_LOCK) $(addprefix --no-emit-package ,jedi parso prompt-toolkit wcwidth)

.PHONY: help run install test bench notebook lock format clean

help:
	@echo "make run      install, migrate, publish the courses, seed demo people, serve on http://127.0.0.1:$(PORT)"
	@echo "make test     install what the tests need and run every check"
	@echo "make bench    measure speed and footprint, as ratios"
	@echo "make install  only prepare .venv, with .venv/bin/lms"
	@echo "make format   format and mend what the linter can"
	@echo "make notebook bundle the scripts of the notebook page again, after a change in lms/web/notebook"
	@echo "make lock     renew requirements/*.txt from pyproject.toml"
	@echo "make clean    remove what make made, but never your data in var/"

run: install
	@$(BIN)/lms demo --port $(PORT)

install: .venv/.installed

# The system's pip fills an environment that has none: quick, and it works where Debian's python3-venv is missing. Without a pip that can
# (22.3 or newer), the environment gets its own.
PIP := install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt

.venv/.bootstrapped: requirements/bootstrap.txt
	@echo "==> Preparing .venv"
	@$(PYTHON) -m venv --without-pip --clear .venv
	@$(PYTHON) -m pip --python $(BIN)/python $(PIP) 2>/dev/null \
	 || { $(PYTHON) -m venv --clear .venv && $(BIN)/python -m pip $(PIP); }
	@touch $@

.venv/.installed: .venv/.bootstrapped requirements/run.txt requirements/build.txt requirements/kernel.txt pyproject.toml
	@echo "==> Installing what Slipway needs (requirements/run.txt)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt -r requirements/build.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@echo "==> Installing what graded notebooks may import (requirements/kernel.txt)"
	@rm -rf .kernel && $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --target .kernel -r requirements/kernel.txt
	@touch $@

.venv/.tested: .venv/.installed requirements/test.txt
	@echo "==> Installing what the tests need (requirements/test.txt)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/test.txt
	@touch $@

test: .venv/.tested
	@.ci/packages
	@$(BIN)/python .ci/check.py

bench: .venv/.tested .bench/.installed .bench-lite/.installed
	@$(BIN)/python -m tests.benchmarks

.bench/.installed: .venv/.bootstrapped requirements/bench.txt
	@echo "==> Installing what grading is compared with (requirements/bench.txt)"
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .bench
	@$(BIN)/uv pip install --quiet --python .bench/bin/python --require-hashes -r requirements/bench.txt
	@touch $@

# The wheels are for Pyodide: they are only put beside its other files, so pip fetches them as they are.
.bench-lite/.installed: .venv/.bootstrapped requirements/bench-lite.txt requirements/bench-lite-browser.txt
	@echo "==> Installing what the notebook page is compared with (requirements/bench-lite.txt)"
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .bench-lite
	@$(BIN)/uv pip install --quiet --python .bench-lite/bin/python --require-hashes -r requirements/bench-lite.txt
	@.bench-lite/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
	  --implementation py --python-version 3.14 --platform any --dest .bench-lite/wheels -r requirements/bench-lite-browser.txt
	@touch $@

# Node comes from a wheel that the tests need anyway.
notebook: .venv/.tested lms/web/notebook/node_modules/.package-lock.json
	@cd lms/web/notebook && PATH="$(CURDIR)/$(BIN):$$PATH" node build.mjs

lms/web/notebook/node_modules/.package-lock.json: lms/web/notebook/package-lock.json .venv/.tested
	@cd lms/web/notebook && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --no-progress --silent

format: .venv/.tested
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock: .venv/.bootstrapped
	@$(LOCK) --group bootstrap -o requirements/bootstrap.txt
	@$(LOCK) --group build -o requirements/build.txt
	@$(LOCK) pyproject.toml -o requirements/run.txt
	@$(LOCK) --group kernel -o requirements/kernel.txt
	@$(LOCK) --group runtime -o requirements/runtime.txt
	@$(BROWSER_LOCK) --group browser -o requirements/browser.txt
	@$(LOCK) --group test -c requirements/run.txt -o requirements/test.txt
	@$(LOCK) --group bench -o requirements/bench.txt
	@$(LOCK) --group bench-lite -o requirements/bench-lite.txt
	@$(PYODIDE_LOCK) --group bench-lite-browser -o requirements/bench-lite-browser.txt

clean:
	rm -rf .venv .bench .bench-lite .kernel dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
