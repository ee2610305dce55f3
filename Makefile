# Everything that is done with this repository, by name: `make` lists it.
#
# A machine with Rust, Python 3.11 or newer, gcc and make suffices. What more is needed is installed into .venv, in the
# versions that python/requirements.lock and Cargo.lock name; nothing outside this folder is changed, except by `install`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Cargo uses all cores by itself, and two cargos wait for each other.
.NOTPARALLEL:

CARGO ?= cargo
# The first Python on the path that is new enough.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
PREFIX ?= /usr/local
DESTDIR ?=

VENV := $(CURDIR)/.venv
IN_VENV := VIRTUAL_ENV="$(VENV)" PATH="$(VENV)/bin:$$PATH"
SKIPPED := $(CURDIR)/build/skipped.txt
RELEASE := target/release

# The first version in the workspace's manifest is the one that all members bear.
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
MAJOR := $(word 1,$(subst ., ,$(VERSION)))
MINOR := $(word 2,$(subst ., ,$(VERSION)))
# As in memcore-ffi/build.rs, which writes it into the library.
SONAME := libmemcore.so.$(if $(filter 0,$(MAJOR)),0.$(MINOR),$(MAJOR))
# What the Rust standard library needs from the system, as `rustc --print native-static-libs` tells on Linux with glibc.
SYSTEM_LIBS ?= -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc

.PHONY: help
help: ## List the targets
	@echo "memcore $(VERSION)"
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  make %-13s %s\n", $$1, $$2 }'

# --- Building -----------------------------------------------------------------------------------------------------

.PHONY: bootstrap
bootstrap: $(VENV)/.ready ## Create .venv with everything that building and testing needs

$(VENV)/.ready: python/requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none is on the PATH" >&2; exit 1; }
	@command -v $(CARGO) >/dev/null || { echo "Rust is needed, and cargo is not on the PATH" >&2; exit 1; }
	$(PYTHON) -m venv "$(VENV)"
	"$(VENV)/bin/python" -m pip install --quiet --disable-pip-version-check --requirement python/requirements.lock
	touch $@

.PHONY: build
build: build-c build-python ## Build the C library (target/release) and install the Python package into .venv

.PHONY: build-c
build-c:
	$(CARGO) build --release --locked --package memcore-ffi

.PHONY: build-python
build-python: bootstrap
	$(IN_VENV) maturin develop --release --locked --quiet

.PHONY: demo
demo: build-python ## Run the main job: the demonstration of the command line
	"$(VENV)/bin/memcore" demo

# --- Testing ------------------------------------------------------------------------------------------------------

# The libraries under test are optimised as those that ship, but not once more as a whole: that takes minutes and changes
# nothing that a test could see.
test test-c test-python: export CARGO_PROFILE_RELEASE_LTO := off
test test-c test-python: export CARGO_PROFILE_RELEASE_CODEGEN_UNITS := 16

.PHONY: test
test: begin-test bootstrap test-rust build-c ## Run every check; those that lack a tool are listed at the end
	@# The C tests take one core, building and testing the Python package another.
	@$(MAKE) --no-print-directory test-c >build/test-c.log 2>&1 & c=$$!; \
		python=0; $(MAKE) --no-print-directory test-python || python=$$?; \
		c_failed=0; wait $$c || c_failed=$$?; cat build/test-c.log; \
		test $$python -eq 0 && test $$c_failed -eq 0
	@echo
	@while read -r line; do echo "skipped: $$line"; done <$(SKIPPED)
	@echo "All checks passed, $$(wc -l <$(SKIPPED)) skipped."

.PHONY: begin-test
begin-test:
	@mkdir -p build
	@: >$(SKIPPED)

.PHONY: test-rust
test-rust: check-no-std ## Check format, lints, documentation and tests of the Rust crates
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --package memcore
	$(CARGO) test --locked

# A machine's own target has a standard library, which a dependency could use unnoticed; a bare one has none.
BARE_TARGET ?= thumbv7em-none-eabi

.PHONY: check-no-std
check-no-std:
	$(CARGO) clippy --locked --package memcore --no-default-features -- -D warnings
	@if test -d "$$(rustc --print target-libdir --target $(BARE_TARGET))"; then \
		$(CARGO) check --locked --package memcore --no-default-features --target $(BARE_TARGET); \
	else \
		mkdir -p build; \
		echo "the engine without std on $(BARE_TARGET): rustup target add $(BARE_TARGET)" | tee -a $(SKIPPED); \
	fi

# SQLite and Lua are built from their sources, which takes a minute or two the first time.
.PHONY: test-programs
test-programs: ## Run real programs (SQLite, Lua, regex, serde_json) with memcore as their allocator
	$(CARGO) clippy --locked --package memcore-programs --all-targets -- -D warnings
	$(CARGO) test --locked --package memcore-programs

.PHONY: test-c
test-c: build-c ## Build and run the C tests, and use the library as installed
	@mkdir -p build
	@$(IN_VENV) LIBRARY_DIR=$(RELEASE) SYSTEM_LIBS="$(SYSTEM_LIBS)" SCRATCH=build/c SKIPPED=$(SKIPPED) \
		MAKE="$(MAKE)" tests/c/run.sh

.PHONY: test-python
test-python: build-python ## Check lints, types, stubs and tests of the Python package
	PYO3_PYTHON="$(VENV)/bin/python" $(CARGO) clippy --locked --package memcore-py -- -D warnings
	$(IN_VENV) mypy
	$(IN_VENV) python -m mypy.stubtest memcore._memcore
	$(IN_VENV) pytest

.PHONY: bench
bench: build $(VENV)/.ready-bench ## Run the benchmarks: the engine against its peers, then the doors against the engine
	$(CARGO) bench --locked --package memcore
	$(CARGO) run --release --locked --package memcore-heap-bench
	$(CARGO) build --release --locked --package memcore --example pace
	@mkdir -p build/bench
	@ln -sf $(CURDIR)/$(RELEASE)/libmemcore.so build/bench/$(SONAME)
	$(CC) -std=c11 -O2 -Wall -Wextra -Wpedantic -Werror -Iinclude bench/c/pairs.c -o build/bench/pairs \
		-L$(RELEASE) -lmemcore -Wl,-rpath,$(CURDIR)/build/bench
	$(IN_VENV) python bench/python/doors.py $(RELEASE)/examples/pace build/bench/pairs
	$(CARGO) build --release --locked --package memcore --example paging_pace
	$(IN_VENV) python bench/python/caches.py $(RELEASE)/examples/paging_pace

$(VENV)/.ready-bench: python/requirements-bench.lock $(VENV)/.ready
	"$(VENV)/bin/python" -m pip install --quiet --disable-pip-version-check --requirement python/requirements-bench.lock
	touch $@

# --- What is generated and checked in -----------------------------------------------------------------------------

.PHONY: header
header: ## Write include/memcore.h and the list of exported names anew from the Rust sources
	UPDATE_HEADER=1 $(CARGO) test --locked --package memcore-ffi --test header
	$(MAKE) build-c
	nm -D --defined-only $(RELEASE)/libmemcore.so | awk '{ print $$3 }' | LC_ALL=C sort >tests/c/exported-names.txt

# The release profile strips the description that the stubs are made from.
.PHONY: stubs
stubs: bootstrap ## Write python/memcore/_memcore.pyi anew from the Rust sources
	$(IN_VENV) maturin generate-stubs --locked --quiet --profile dev --features stubs --out build/stubs
	@# The annotations that the sources give as text name modules, which the generator does not import; it does not know
	@# what is in the tuples that getters return; and what it calls __getattr__ is __getattribute__ at runtime.
	sed -e '0,/^from typing import/s//import os\nimport typing\nfrom typing import/' \
		-e 's/-> tuple:/-> tuple[typing.Any, ...]:/' \
		-e 's/def __getattr__(/def __getattribute__(/' \
		build/stubs/memcore/_memcore.pyi >python/memcore/_memcore.pyi

.PHONY: lock
lock: ## Write python/requirements*.lock anew with the newest versions that pyproject.toml allows
	rm -rf build/lock build/lock-bench
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet 'maturin>=1.16,<2' cmake '.[test,plot]'
	build/lock/bin/pip freeze --exclude memcore >python/requirements.lock
	$(PYTHON) -m venv build/lock-bench
	@# One after the other: together they send the resolver on a long search.
	build/lock-bench/bin/pip install --quiet --requirement python/requirements.lock
	build/lock-bench/bin/pip install --quiet '.[bench]'
	build/lock-bench/bin/pip freeze --exclude memcore >python/requirements-bench.lock
	build/lock/bin/pip install --quiet '.[docs]'
	build/lock/bin/pip freeze --exclude memcore >python/requirements-docs.lock

# --- Documentation ------------------------------------------------------------------------------------------------

.PHONY: docs
docs: build-python $(VENV)/.ready-docs ## Build the documentation into docs/_build/html, running its notebooks
	$(IN_VENV) sphinx-build --fail-on-warning --keep-going --builder html docs docs/_build/html

$(VENV)/.ready-docs: python/requirements-docs.lock $(VENV)/.ready
	"$(VENV)/bin/python" -m pip install --quiet --disable-pip-version-check --requirement python/requirements-docs.lock
	touch $@

# --- Installing the C library -------------------------------------------------------------------------------------
#
# For ELF systems, whose shared libraries are found by SONAME: libmemcore.so (for the linker of programs) -> SONAME (for
# the loader) -> the file with the full version.

ROOT := $(DESTDIR)$(PREFIX)
HEADERS := $(wildcard include/*)
FILLED := sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' -e 's|@SYSTEM_LIBS@|$(SYSTEM_LIBS)|'

.PHONY: install
install: build-c ## Install the C library: make install PREFIX=/usr/local DESTDIR=
	install -d "$(ROOT)/include" "$(ROOT)/lib/pkgconfig" "$(ROOT)/lib/cmake/memcore"
	install -m 644 $(HEADERS) "$(ROOT)/include"
	install -m 644 $(RELEASE)/libmemcore.a "$(ROOT)/lib"
	install -m 755 $(RELEASE)/libmemcore.so "$(ROOT)/lib/libmemcore.so.$(VERSION)"
	ln -sf libmemcore.so.$(VERSION) "$(ROOT)/lib/$(SONAME)"
	ln -sf $(SONAME) "$(ROOT)/lib/libmemcore.so"
	$(FILLED) memcore-ffi/memcore.pc.in >"$(ROOT)/lib/pkgconfig/memcore.pc"
	$(FILLED) memcore-ffi/memcore-config.cmake.in >"$(ROOT)/lib/cmake/memcore/memcore-config.cmake"
	$(FILLED) memcore-ffi/memcore-config-version.cmake.in >"$(ROOT)/lib/cmake/memcore/memcore-config-version.cmake"

.PHONY: uninstall
uninstall: ## Remove what install installed: make uninstall PREFIX=/usr/local DESTDIR=
	rm -f $(addprefix "$(ROOT)"/,$(HEADERS))
	rm -f "$(ROOT)/lib/libmemcore.a" "$(ROOT)/lib/libmemcore.so" "$(ROOT)/lib/$(SONAME)" "$(ROOT)/lib/libmemcore.so.$(VERSION)"
	rm -f "$(ROOT)/lib/pkgconfig/memcore.pc"
	rm -rf "$(ROOT)/lib/cmake/memcore"

# --- Cleaning -----------------------------------------------------------------------------------------------------

.PHONY: clean
clean: ## Remove everything that was built or installed into this folder
	rm -rf target build dist docs/_build .venv .pytest_cache .mypy_cache .hypothesis
	rm -f python/memcore/_memcore*.so
