# fairpost: build, test, install. "make help" lists the targets.
#
# A portable build: make            A build for this kind of machine: make ARCH=x86-64-v3

PREFIX ?= /usr/local
DESTDIR ?=
ARCH ?=
SWIFT ?= swift
SUITE ?= *
ROUNDS ?=
ROWS ?=
FUZZ_SECONDS ?= 60
TORTURE_SECONDS ?= 600
PYTHON ?= python3

bindir = $(DESTDIR)$(PREFIX)/bin
mandir = $(DESTDIR)$(PREFIX)/share/man/man1
guidedir = $(DESTDIR)$(PREFIX)/share/man/man7
bashdir = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
zshdir = $(DESTDIR)$(PREFIX)/share/zsh/site-functions
fishdir = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d

# Swift takes a processor's name where C takes a level.
cpu_x86-64-v2 = nehalem
cpu_x86-64-v3 = haswell
cpu_x86-64-v4 = skylake-avx512
CPU ?= $(or $(cpu_$(ARCH)),$(ARCH))

FLAGS = -c release --explicit-target-dependency-import-check error
BUILD = .build
ifneq ($(ARCH),)
# Sums must not be contracted to fused operations: results are the same on every machine.
FLAGS += -Xcc -march=$(ARCH) -Xcc -ffp-contract=off -Xswiftc -target-cpu -Xswiftc $(CPU)
FLAGS += --scratch-path .build/$(ARCH)
BUILD = .build/$(ARCH)
endif
BIN = $(CURDIR)/$(BUILD)/release/fairpost

.PHONY: build
build: deps ## build the program
	@$(SWIFT) build $(FLAGS) --product fairpost
	@echo "$(BUILD)/release/fairpost"

.PHONY: quick
quick: deps ## an optimised build that compiles only what has changed, in .build/quick
	@FAIRPOST_QUICK=1 $(SWIFT) build --scratch-path .build/quick --product fairpost
	@echo ".build/quick/debug/fairpost"

.PHONY: deps
deps: ## install what is missing, or say what to install
	@SWIFT="$(SWIFT)" sh Tests/Tools/deps.sh

.PHONY: demo
demo: build ## build, and run the program on small data
	@PATH="$(CURDIR)/$(BUILD)/release:$$PATH" sh Examples/demo.sh

.PHONY: test
test: build ## run every test; ends with "N passed, N failed, N skipped"
	@FAIRPOST_BIN="$(BIN)" SWIFT="$(SWIFT)" sh Tests/Tools/test.sh $(FLAGS)

.PHONY: test-shared
test-shared: build ## the same with the reference files required: fails on any skip
	@FAIRPOST_REQUIRE_SHARED=1 FAIRPOST_BIN="$(BIN)" SWIFT="$(SWIFT)" sh Tests/Tools/test.sh $(FLAGS)

.PHONY: golden-record
golden-record: build ## write what the program prints as what is expected; fails on purpose
	@RECORD=1 FAIRPOST_BIN="$(BIN)" $(SWIFT) test $(FLAGS) --disable-xctest --filter GoldenTests.GoldenTests; \
	git --no-pager diff --stat -- Tests/Golden; exit 1

.PHONY: race
race: build ## decide beside fairlearn, AIF360 and LinearPost on the same rows: DATA=DIR PYTHON=python SEEDS=20
	@mkdir -p Examples/results
	@PATH="$(CURDIR)/$(BUILD)/release:$$PATH" $(PYTHON) Tests/Bench/peers/race_decide.py "$(DATA)" $(or $(SEEDS),20) "$(PUBLISHED)" \
	  > .build/race-decide.csv
	@mv .build/race-decide.csv Examples/results/decide.csv

.PHONY: promise
promise: build ## how often `decide --confidence` breaks its promise: SAMPLES=500
	@PATH="$(CURDIR)/$(BUILD)/release:$$PATH" sh Tests/Tools/promise.sh $(SAMPLES)

.PHONY: bench
bench: build ## time whole processes side by side: SUITE=split ROUNDS=5 ROWS=1000000
	@FAIRPOST_BENCH=1 $(SWIFT) build -c release --scratch-path .build/bench --product fairpost-bench
	@for suite in Tests/Bench/suites/$(SUITE).suite; do \
	  PATH="$(CURDIR)/$(BUILD)/release:$$PATH" ROUNDS="$(ROUNDS)" ROWS="$(ROWS)" \
	    .build/bench/release/fairpost-bench run "$$suite" || exit 1; \
	done

.PHONY: check-peers
check-peers: build ## hold figures against fairlearn, AIF360, SciPy, scikit-learn: PYTHON=
	@"$(PYTHON)" Tests/Peers/check_peers.py "$(BIN)"

.PHONY: coverage-table
coverage-table: build ## simulate intervals, tests and drift anew, into Fixtures/metrics/
	@for table in coverage fair size drift; do \
	  $(BIN) __simulate $$table -o Fixtures/metrics/$$table.csv || exit 1; \
	done
	@git --no-pager diff --stat -- Fixtures/metrics

.PHONY: bound-coverage
bound-coverage: deps ## how often the certificate's bounds hold: writes Fixtures/bound-coverage.csv
	@FAIRPOST_COVERAGE_TABLE="$(CURDIR)/Fixtures/bound-coverage.csv" \
	  $(SWIFT) test -c release --filter BoundCoverageTests

.PHONY: held-out-study
held-out-study: deps ## held-out figures and chance levels of a fit: writes Fixtures/held-out-study.csv
	@FAIRPOST_HELD_OUT_TABLE="$(CURDIR)/Fixtures/held-out-study.csv" \
	  $(SWIFT) test -c release --filter HeldOutStudyTests

.PHONY: check-badr
check-badr: build ## hold train badr against the package of that name (PyPI): PYTHON=, ROWS=
	@"$(PYTHON)" -W ignore Tests/Peers/check_badr.py "$(BIN)" $(ROWS)

.PHONY: check-shap
check-shap: build ## hold explain against the shap package: the same values, and the time of each
	@"$(PYTHON)" -W ignore Tests/Peers/check_shap.py "$(BIN)"

.PHONY: check-audit
check-audit: build ## hold audit against the package aedt-audit (PyPI): PYTHON=, ROWS=
	@"$(PYTHON)" -W ignore Tests/Peers/check_audit.py "$(BIN)" $(ROWS)

.PHONY: bench-service
bench-service: build ## one record at a time over a pipe and a socket, beside fairlearn and EquiPy: PYTHON=, ROWS=
	@"$(PYTHON)" -W ignore Tests/Peers/bench_service.py "$(BIN)" $(ROWS)

.PHONY: spark
spark: build ## fit and apply as a Spark job while workers are killed, against one run: ROWS=200000 PYTHON=
	@FAIRPOST="$(BIN)" PYTHON="$(PYTHON)" sh Examples/spark/spark.sh $(ROWS)

.PHONY: check-export
check-export: build ## run exported SQL in DuckDB, SQLite and PostgreSQL: PYTHON=, ROWS=
	@"$(PYTHON)" Tests/Peers/check_export.py "$(BIN)" $(ROWS)

.PHONY: check-tables
check-tables: build ## check invented published tables, none of which may be flagged: TABLES=6000
	@FAIRPOST_TABLES=$(or $(TABLES),6000) FAIRPOST_BIN="$(BIN)" \
	  $(SWIFT) test $(FLAGS) --filter InnocentTableTests

.PHONY: docs
docs: deps ## build the pages of the Swift library (DocC) into .build/docs
	@SWIFT="$(SWIFT)" sh Tests/Tools/docs.sh

.PHONY: man
man: build ## write Manpages/ anew from the declarations of options
	@mkdir -p Manpages && rm -f Manpages/*.1 Manpages/*.7
	@$(BIN) __man Manpages

.PHONY: install
install: build ## install program, manual pages and completions: PREFIX= DESTDIR=
	install -d "$(bindir)" "$(mandir)" "$(guidedir)" "$(bashdir)" "$(zshdir)" "$(fishdir)"
	install -m 755 "$(BIN)" "$(bindir)/fairpost"
	install -m 644 Manpages/*.1 "$(mandir)"
	install -m 644 Manpages/*.7 "$(guidedir)"
	"$(BIN)" completions bash > "$(bashdir)/fairpost"
	"$(BIN)" completions zsh > "$(zshdir)/_fairpost"
	"$(BIN)" completions fish > "$(fishdir)/fairpost.fish"

.PHONY: format
format: ## format all Swift files
	@$(SWIFT) format -i -r -p Sources Tests Package.swift

.PHONY: lint
lint: ## check the format, and the syntax of shell scripts
	@$(SWIFT) format lint -s -r -p Sources Tests Package.swift
	@for script in Tests/Tools/*.sh Examples/*.sh Examples/spark/*.sh; do sh -n "$$script" || exit 1; done
	@bash -n .ci/run

.PHONY: table-imbalance
table-imbalance: build ## measure the map on small and rare groups anew: ACS=data.csv adds real groups
	@mkdir -p Examples/results
	@PATH="$(CURDIR)/$(BUILD)/release:$$PATH" sh Examples/imbalance.sh $(ACS) > .build/imbalance.csv
	@mv .build/imbalance.csv Examples/results/imbalance.csv

DATA ?= ../shared/data
SPLITS ?= ../shared/reference/nash/splits
PUBLISHED ?= ../shared/reference/decisions/linearpost_published.csv

.PHONY: reproduce-mtl
reproduce-mtl: build ## the multi-task paper's protocol, a quarter of an hour: DATA=folder of compas.csv, acs_mobility.csv
	@PATH="$(CURDIR)/$(BUILD)/release:$$PATH" sh Examples/reproduce-mtl.sh "$(DATA)" .build/reproduced

.PHONY: reproduce-fair-maml
reproduce-fair-maml: build ## Fair-MAML's two experiments, some minutes: DATA=folder of communities.csv
	@PATH="$(CURDIR)/$(BUILD)/release:$$PATH" sh Examples/reproduce-fair-maml.sh synthetic .build/reproduced
	@PATH="$(CURDIR)/$(BUILD)/release:$$PATH" \
	  sh Examples/reproduce-fair-maml.sh communities .build/reproduced "$(DATA)"

.PHONY: reproduce-nash
reproduce-nash: build ## Nash bargaining's tables, hours with SEEDS=5: DATA=folder of the data, SPLITS=of the published splits
	@PATH="$(CURDIR)/$(BUILD)/release:$$PATH" sh Examples/nash.sh "$(DATA)" "$(SPLITS)" .build/reproduced/nash

.PHONY: fuzz
fuzz: deps ## feed damaged input to the readers: FUZZ_SECONDS=60
	@sh Tests/Fuzz/run.sh $(FUZZ_SECONDS)

.PHONY: torture
torture: build ## hostile cases for TORTURE_SECONDS=600 a campaign, with sanitizers too: 90 minutes
	@SWIFT="$(SWIFT)" sh Tests/Tools/torture.sh $(TORTURE_SECONDS) "$(BIN)" $(FLAGS)

.PHONY: coverage
coverage: deps ## lines that the tests run, by file
	@sh Tests/Tools/coverage.sh

.PHONY: clean
clean: ## remove what was built
	rm -rf .build bench-results .bench

.PHONY: help
help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' Makefile | expand -t 16
