# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# `make` alone prints what there is. Each check is a target of its own; `make test` runs all of them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# What a person wants to give to pytest: make unit ARGS='-k lan -x'
ARGS ?=

# Test files at the same time: most tests wait for a BMC. A file stays with one worker, which starts its rack once;
# the files go out in their order, so that the slow checks start early, beside everything else.
WORKERS ?= 1
PARALLEL = -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# Tools keep what they keep in .cache, and a tool that starts another finds it in .venv.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible

##@ Start here

.PHONY: help
help: ## What there is to type
	@awk 'BEGIN { FS = ":.*## " } \
	    /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: .venv/.demo ## Provision a simulated rack of 24 BMCs; no root, no system package, three minutes at most
	@tests/demo/run.sh

.PHONY: rack
rack: .venv/.demo ## The simulated rack in the foreground, as the demo left it; Ctrl-C ends it
	@mkdir -p .cache/demo/state
	@exec $(BIN)/python -m tests.simulator --rack tests/simulator/examples/rack24.yml --port 6623 --state .cache/demo/state

.PHONY: test
test: system-packages .venv/.tests ## Everything below but the benchmark, in one pytest run; see also ARGS
ifeq ($(WORKERS),1)
	@$(PYTEST) --durations=10 tests/checks/test_quick.py tests/unit tests/integration tests/checks/test_slow.py $(ARGS)
else
	@$(PYTEST) $(PARALLEL) --durations=10 tests/checks tests/unit tests/integration $(ARGS)
endif

##@ What the others need

.PHONY: venv
venv: .venv/.tests ## The virtual environment .venv, with all tools

.PHONY: system-packages
system-packages: ## ipmitool, FreeIPMI and OpenIPMI: installed when root, else the command to type
	@tests/tools/system_packages.sh

.PHONY: server-packages
server-packages:
	@tests/tools/system_packages.sh server

# The stamps are newer than what they were made from: a change of the requirements installs again.
.venv/.demo: tests/requirements-demo.txt requirements.txt meta/ee-requirements.txt
	@test -x $(BIN)/python || { python=$$(tests/tools/find_python.sh) && "$$python" -m venv .venv; }
	@echo "Installing what $< names into .venv"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r $<
	@touch $@

.venv/.tests: tests/requirements.txt .venv/.demo
	@echo "Installing what $< names into .venv"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r $<
	@touch $@

##@ Tests

.PHONY: unit
unit: .venv/.tests ## Codecs, engine, session, modules: everything that needs no BMC
	@$(PYTEST) tests/unit --ignore=tests/unit/simulator $(ARGS)

.PHONY: simulator
simulator: system-packages .venv/.tests ## The simulated rack itself, with ipmitool and FreeIPMI as its clients
	@$(PYTEST) tests/unit/simulator $(ARGS)

.PHONY: modules
modules: .venv/.tests ## Every module, playbook and role against the simulated rack
	@$(PYTEST) tests/integration/simulator tests/integration/roles $(ARGS)

.PHONY: rotation
rotation: system-packages .venv/.tests ## The rotation of passwords against the simulated rack, killed at every step; takes some minutes
	@$(PYTEST) tests/integration/rotation $(ARGS)

.PHONY: witness
witness: system-packages .venv/.tests ## The same against OpenIPMI's ipmi_sim, with ipmitool and FreeIPMI as witnesses
	@$(PYTEST) tests/integration/ipmi_sim tests/integration/witnesses $(ARGS)

.PHONY: witnesses
witnesses: system-packages .venv/.tests ## Write docs/witnesses.md anew: which program reads what each option sets
	@LIGHTSOUT_WRITE_WITNESSES=1 $(PYTEST) tests/integration/witnesses $(ARGS)

.PHONY: controls
controls: .venv/.tests ## Write docs/controls.md, and what ipmi_audit documents of its policy, anew from the catalogue
	@$(BIN)/python tests/tools/controls_page.py

.PHONY: report
report: system-packages .venv/.tests ## The compliance report's page in a headless Chromium; ARGS=-s prints how big it is and how fast
	@$(PYTEST) tests/integration/report $(ARGS)

.PHONY: screenshots
screenshots: system-packages .venv/.tests ## Take the pictures in docs/report/ anew, of a room that does not exist
	@$(BIN)/python -m tests.integration.report.screenshots

.PHONY: molecule
molecule: system-packages .venv/.tests ## The roles' scenarios: check, converge, idempotence, and ipmitool verifies; ARGS='-s bmc_sol' for one
	@if [ "$${LIGHTSOUT_WITHOUT_WITNESSES:-}" = 1 ] && ! command -v ipmitool > /dev/null; then \
	    echo "molecule: left out, because there is no ipmitool to verify with"; \
	else $(BIN)/molecule test $(if $(ARGS),$(ARGS),--all); fi

.PHONY: schedules
schedules: system-packages .venv/.tests ## Random schedules of several parties at one console: N=1000 SEED=1; ten minutes for a thousand
	@PYTHONPATH=$(CURDIR):$(CURDIR)/.collections $(BIN)/python -m tests.integration.console_schedules.run --count $(or $(N),1000) $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: bench
bench: system-packages .venv/.tests ## CPU and requests, side by side with other tools; takes about 20 minutes, not part of test; also nmap, if it is there
	@$(BIN)/python tests/bench/run.py $(ARGS)

.PHONY: test-server
test-server: server-packages .venv/.tests ## A whole server from nothing, in QEMU: console, power, and the modules in band; as root, a quarter of an hour, not part of test
	@$(PYTEST) --durations=5 tests/server $(ARGS)

##@ Checks

.PHONY: lint
lint: .venv/.tests ## yamllint, ruff, reuse, the changelog and ansible-lint (production profile)
	@$(MAKE) --keep-going --jobs=2 --output-sync=target lint-yaml lint-ruff lint-reuse lint-changelog lint-ansible

.PHONY: lint-yaml lint-ruff lint-reuse lint-changelog lint-ansible
lint-yaml: .venv/.tests
	@$(BIN)/yamllint --strict . && echo "yamllint: good"

lint-ruff: .venv/.tests
	@$(BIN)/ruff check --quiet --output-format=concise . && echo "ruff: good"

lint-reuse: .venv/.tests
	@$(BIN)/reuse lint --lines && echo "reuse: good"

lint-changelog: .venv/.tests
	@$(BIN)/antsibull-changelog lint && echo "antsibull-changelog: good"

lint-ansible: .venv/.tests
	@$(BIN)/ansible-lint --offline --nocolor -q && echo "ansible-lint: good"

.PHONY: docs-lint
docs-lint: .venv/.tests ## The plugins' documentation, every reference in it included
	@mkdir -p .cache && HOME=$(CURDIR)/.cache $(BIN)/antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=all --disallow-unknown-collection-refs . && echo "antsibull-docs: good"

.PHONY: types
types: .venv/.tests ## mypy, strict, over plugins/ and the simulator
	@$(BIN)/mypy -p ansible_collections.lightsout.bmc.plugins
	@$(BIN)/mypy -p tests.simulator -p tests.integration.ipmi_sim -p tests.integration.simulator -p tests.integration.roles -p tests.integration.runner -p tests.integration.witnesses -p tests.integration.rotation -p tests.integration.report -p tests.integration.console_schedules -p tests.server -p tests.in_band -p tests.integration.os_console -p tests.integration.console_check -p tests.bench

.PHONY: sanity
sanity: .venv/.tests ## ansible-test sanity
	@tests/tools/sanity.sh $(ARGS)

.PHONY: build
build: .venv/.tests ## The tarball, into dist/; installed offline elsewhere, and that copy checked
	@tests/tools/build.sh

##@ Afterwards

.PHONY: clean
clean: ## Remove what the targets made, .venv included
	@rm -rf .venv .cache dist .hypothesis .mypy_cache .pytest_cache .ruff_cache tests/output
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
