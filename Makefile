# Two commands do everything on a machine that has Python 3.11 or later and make:
#   make run     PostgreSQL, Redis, API and worker in one; ARGS="--port 8001" is passed to `rollcall dev`
#   make test    style, types and all tests
# The rest: setup, lint, bench, lock.

SHELL := /bin/sh
.DEFAULT_GOAL := run
.PHONY: run test setup lint bench lock

VENV := .venv
PYTHON := $(VENV)/bin/python
PIP_INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input
EDITABLE := $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
LOCK := $(PYTHON) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet \
	$(if $(UPGRADE),--upgrade)
# A process for each processor takes tests, and from the others when it has no more of its own.
SHARED_OUT := --numprocesses logical --maxprocesses 4 --dist worksteal

run: $(VENV)/.run
	@$(PYTHON) -m rollcall dev $(ARGS)

test: setup lint
	$(PYTHON) -m pytest $(SHARED_OUT) $(ARGS)

setup: $(VENV)/.dev

lint: setup
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m mypy

bench: setup
	$(PYTHON) -m benchmarks $(if $(QUICK),--quick) $(ARGS)

# The smaller files take their versions from dev.txt, so what the tests saw is what runs.
# `make lock UPGRADE=1` moves every dependency to its newest version.
lock: setup
	$(LOCK) pyproject.toml --extra dev --group build -o requirements/dev.txt
	$(LOCK) pyproject.toml --extra embedded --group build -c requirements/dev.txt -o requirements/embedded.txt
	$(LOCK) pyproject.toml -c requirements/dev.txt -o requirements/base.txt
	$(LOCK) --group build -c requirements/dev.txt -o requirements/build.txt

# A stamp is written only after its step has succeeded, so an interrupted installation is taken up again.
$(VENV)/.created:
	@python=; found=; \
	for candidate in python3 python3.13 python3.12 python3.11 python3.14 python; do \
		if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			found=$$candidate; \
			if $$candidate -c 'import ensurepip, venv' 2>/dev/null; then python=$$candidate; break; fi; \
		fi; \
	done; \
	if [ -z "$$python" ] && [ -n "$$found" ]; then \
		echo "$$found has no venv module; on Debian and Ubuntu install the package python3-venv." >&2; exit 1; \
	fi; \
	if [ -z "$$python" ]; then \
		echo "Rollcall needs Python 3.11 or later, and there is none on the PATH." >&2; exit 1; \
	fi; \
	echo "Creating $(VENV) with $$($$python --version)"; \
	$$python -m venv --clear $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.created requirements/embedded.txt pyproject.toml
	@echo "Installing the locked dependencies (once, about a minute)"
	@$(PIP_INSTALL) --require-hashes -r requirements/embedded.txt
	@$(EDITABLE)
	@touch $@

$(VENV)/.dev: $(VENV)/.created requirements/dev.txt pyproject.toml
	@echo "Installing the locked development dependencies (once, about two minutes)"
	@$(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@$(EDITABLE)
	@touch $(VENV)/.run $@
