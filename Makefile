# make run: the whole node, a synthetic study through it. make study: a synthetic reader study, its report beside the
# paper's numbers. make test: every test. make check: tests, linters, types, layers.
# Each installs what it needs: Python packages into .venv, pinned and hashed; Debian packages when root.

PYTHON ?= python3
BIN := .venv/bin
PEERS := dcmtk orthanc orthanc-dicomweb orthanc-webviewer dicom3tools libpixelmed-java default-jre-headless \
	chromium poppler-utils redis-server postgresql prometheus

.PHONY: run study test check lint bench conformance faults fuzz requirements peers clean

run: .venv/run.installed
	$(BIN)/hri-node up --demo

# Phantoms, the real network, simulated readers, and build/study/report.html and .pdf; stopped, it goes on where it ended.
study: .venv/run.installed
	mkdir -p build/study
	$(BIN)/hri-node study demo build/study

test: .venv/dev.installed peers build/viewers/installed build/oidc/installed build/console/installed
	$(BIN)/pytest

check: lint test

lint: .venv/dev.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate --quiet hri_node workers models tests

bench: .venv/dev.installed peers
	$(BIN)/python tests/bench/run.py

# Every fault at random moments while scanners send: the table of the README. Half an hour or more; less with
# `make faults INSTANCES=1000`; other moments with SEED=5; no new round begins after SECONDS_MAX.
faults: export INSTANCES ?= 10000
faults: export SEED ?= 4
faults: export SECONDS_MAX ?= 7200
faults: .venv/dev.installed peers
	$(BIN)/python tests/end_to_end/faults/run.py

# Fifty times the examples of `make test`, other ones each time.
fuzz: .venv/dev.installed
	HYPOTHESIS_PROFILE=long $(BIN)/pytest tests/fuzz

# What the end-to-end tests talk to. Without root, tests say which program they miss, and are skipped.
peers:
	@missing=$$(for package in $(PEERS); do dpkg -s $$package >/dev/null 2>&1 || echo $$package; done; \
		command -v npm >/dev/null || echo npm); \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
		apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi

# OHIF, in which tests look at the results: one package, pinned and hashed. Without npm those tests say so, and are skipped.
build/viewers/installed: tests/viewers/package.json tests/viewers/package-lock.json | peers
	mkdir -p $(@D) && cp $^ $(@D)
	npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@ \
		|| echo "OHIF could not be installed with npm: its tests will be skipped"

# An OpenID Connect provider, by which tests log in.
build/oidc/installed: tests/oidc/package.json tests/oidc/package-lock.json | peers
	mkdir -p $(@D) && cp $^ $(@D)
	npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@ \
		|| echo "oidc-provider could not be installed with npm: its tests will be skipped"

# axe-core, which looks for what people with disabilities cannot use on the console's pages.
build/console/installed: tests/console/package.json tests/console/package-lock.json | peers
	mkdir -p $(@D) && cp $^ $(@D)
	npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@ \
		|| echo "axe-core could not be installed with npm: its tests will be skipped"

.venv/bin/pip:
	$(PYTHON) -m venv .venv

.venv/run.installed: requirements/run.txt pyproject.toml | .venv/bin/pip
	test -e .venv/dev.installed || $(BIN)/pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

.venv/dev.installed: requirements/dev.txt pyproject.toml | .venv/bin/pip
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# CONFORMANCE.md, from the text and the tables of the code; a test says when it is due.
conformance: .venv/dev.installed
	$(BIN)/hri-node conformance --defaults --output CONFORMANCE.md

# Pin anew, with hashes and without any index address.
requirements: .venv/dev.installed
	$(BIN)/uv pip compile pyproject.toml requirements/build.in --quiet --universal --python-version 3.11 \
		--generate-hashes --no-header --upgrade --output-file requirements/run.txt
	$(BIN)/uv pip compile pyproject.toml requirements/build.in --extra dev --extra train --constraint requirements/run.txt \
		--quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade --output-file requirements/dev.txt

clean:
	rm -rf .venv build
