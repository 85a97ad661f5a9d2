# Builds, tests and shows Tallystick on a machine that has make, git and Swift 6.2 or newer.
# What else is needed comes from the system's packages: .ci/prepare installs what is missing.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo examples docs test versions test-all optimised asan lint bench bench-report fuzz build man \
	install format vectors differential referees facts sweep clean prepare

SWIFT_CODE := $(wildcard Package.swift Sources Tests benchmarks docs/examples)
# Python's caches stay out of the source folders.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.build/pycache

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

demo: build ## Watch a private ledger record, prove and catch tampering
	@"$$(swift build -c release --show-bin-path)/tally" demo

# A package of its own, as a user's is; the library's objects are those of the tests' build. What it
# prints is compared.
EXAMPLE := docs/examples/invoices
IN_EXAMPLE := --package-path $(EXAMPLE) --scratch-path .build
EXAMPLE_DATA := .tally/invoices

examples: build ## Build, test and run docs/examples/invoices as somebody else's package
	@.ci/prepare tests
	swift build $(IN_EXAMPLE) --build-tests
	swift test $(IN_EXAMPLE) --skip-build --disable-xctest
	@rm -rf $(EXAMPLE_DATA) && mkdir -p -m 700 $(EXAMPLE_DATA)
	@cd $(EXAMPLE_DATA) && for name in alice bob; do \
		(umask 077 && openssl genpkey -algorithm ed25519 -out $$name.pem) && \
		openssl pkey -in $$name.pem -pubout -out $$name.pub || exit 1; \
	done
	@tally="$$(swift build -c release --show-bin-path)/tally"; \
	"$$tally" dev --fresh --data $(EXAMPLE_DATA)/ledger \
		-- .build/debug/invoices $(EXAMPLE_DATA) > $(EXAMPLE_DATA)/output; \
	status=$$?; "$$tally" dev --remove --yes --data $(EXAMPLE_DATA)/ledger; \
	cat $(EXAMPLE_DATA)/output; exit $$status
	@diff $(EXAMPLE)/expected.txt $(EXAMPLE_DATA)/output

SYMBOLS := .build/docs-symbols

docs: prepare ## Build the reference of the Swift interface, with its articles, in .build/docs
	@rm -rf $(SYMBOLS) .build/docs
	swift package dump-symbol-graph --minimum-access-level public --skip-synthesized-members
	@python3 docs/reference/merge_symbols.py \
		"$$(dirname "$$(swift build --show-bin-path)")/symbolgraph" $(SYMBOLS)
	@docc="$$(command -v docc || echo "$$(dirname "$$(command -v swift)")/docc")"; \
	"$$docc" convert Sources/Tallystick/Tallystick.docc --warnings-as-errors \
		--fallback-display-name Tallystick --fallback-bundle-identifier tallystick \
		--additional-symbol-graph-dir $(SYMBOLS) --output-path .build/docs
	@echo "the reference is in .build/docs; docc preview shows it"

test: ## Run every test, also on the optimised build, then the second implementation of the format
	@.ci/prepare tests
	swift build --build-tests
	swift test --disable-xctest --skip-build
	@$(MAKE) --no-print-directory optimised
	@python3 docs/format/check_vectors.py docs/format/vectors > .build/vectors.log \
		|| { cat .build/vectors.log; exit 1; }
	@echo "golden vectors in Python: $$(tail -n 1 .build/vectors.log)"

# The tests that need a server, on other major versions than the installed one; VERSION_TESTS names
# other ones. Those of commands find the server by themselves, as users do, and stay out of the
# short form.
VERSION_TESTS ?= ^(TallyPostgres|TallyVault|TallyStore|TallyReplay|TallyEvidence|Tallystick|TallyCLI)Tests

versions: ## Run the tests that need a server on PostgreSQL 17 and 18 (VERSION_TESTS)
	@.ci/prepare tests
	@.ci/prepare postgres
	swift build --build-tests
	@for major in 17 18; do \
		echo "PostgreSQL $$major"; \
		TALLY_POSTGRES="$$(.ci/prepare postgres-folder)/$$major/bin" \
			swift test --disable-xctest --skip-build --filter '$(VERSION_TESTS)' || exit 1; \
	done

test-all: test versions ## Run every test on the installed PostgreSQL, then on 17 and 18

# Users run the optimised build, and optimisers bring out faults that debug builds hide: what stands
# at the C libraries, the format and the commands is tested there too, the commands as shipped.
OPTIMISED := -c release -Xswiftc -enable-testing
# The modules at the boundary of a C library; the format's vectors are in TallyCoreTests.
AT_C := TallyCryptoTests|TallyLZ4Tests|TallyPostgresTests|TallyVaultTests

optimised: build ## Run the tests of commands, key files, crypto and vectors on the optimised build
	@.ci/prepare tests
	swift build $(OPTIMISED) --scratch-path .build-optimised --build-tests
	TALLY_EXECUTABLE="$$(swift build -c release --show-bin-path)/tally" \
		swift test $(OPTIMISED) --scratch-path .build-optimised --disable-xctest --skip-build \
		--filter '^(TallyCLITests|TallyCoreTests|$(AT_C))\.'

asan: ## Run the tests at the C libraries under AddressSanitizer; ASAN_TESTS names other ones
	@.ci/prepare tests
	swift build $(OPTIMISED) --sanitize=address --scratch-path .build-asan --build-tests
	ASAN_OPTIONS=detect_leaks=0 \
		swift test $(OPTIMISED) --sanitize=address --scratch-path .build-asan --disable-xctest \
		--skip-build --filter '$(or $(ASAN_TESTS),^(TallyCoreTests|$(AT_C))\.)'

# Where `make install` puts things: PREFIX=$HOME/.local needs no root.
PREFIX ?= /usr/local
MANUAL := .build/plugins/GenerateManual/outputs/TallyCLI

man: prepare ## Write manual pages, a page for each command, below .build
	swift package --disable-sandbox generate-manual --multi-page
	@echo "$$(ls $(MANUAL)/*.1 | wc -l) pages in $(MANUAL)"

install: build man ## Install tally, its manual pages and completions below PREFIX (/usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 "$$(swift build -c release --show-bin-path)/tally" $(DESTDIR)$(PREFIX)/bin/tally
	install -m 644 $(MANUAL)/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(DESTDIR)$(PREFIX)/bin/tally completion bash \
		> $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tally
	$(DESTDIR)$(PREFIX)/bin/tally completion zsh \
		> $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_tally
	$(DESTDIR)$(PREFIX)/bin/tally completion fish \
		> $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/tally.fish

lint: prepare ## Check the style of Swift and Python; print documentation and tests by module
	swift format lint --strict --recursive --parallel $(SWIFT_CODE)
	python3 -m py_compile docs/format/*.py docs/reference/*.py benchmarks/*.py .ci/shares
	@.ci/shares

# BENCH names other measurements: append, projections, reading, tables, decisions, erasure, restore.
BENCH ?= figures

bench: build ## Measure the figures of docs/performance.md into benchmarks/results.json (BENCH)
	swift build -c release --product TallyBenchmark
	@bin="$$(swift build -c release --show-bin-path)"; \
	BENCH_COMMIT="$$(git rev-parse --short HEAD)" BENCH_RESULTS=benchmarks/results.json \
	"$$bin/tally" dev --fresh --no-projections --data .tally/bench -- "$$bin/TallyBenchmark" $(BENCH)

bench-report: ## Put the figures of benchmarks/results.json into docs/performance.md
	python3 benchmarks/report.py benchmarks/results.json docs/performance.md

fuzz: prepare ## Feed the parsers with random bytes, FUZZ_SECONDS long (600)
	TALLY_FUZZ=1 swift build -c release --scratch-path .build-fuzz --product TallyFuzz \
		-Xswiftc -sanitize=fuzzer,address
	@mkdir -p .build-fuzz/corpus
	.build-fuzz/release/TallyFuzz -max_total_time=$${FUZZ_SECONDS:-600} -max_len=4096 \
		-artifact_prefix=.build-fuzz/ .build-fuzz/corpus

build: prepare ## Build the tally command, optimised
	swift build -c release --product tally

format: ## Rewrite the Swift code in the project's style
	swift format --in-place --recursive --parallel $(SWIFT_CODE)

vectors: ## Write the golden vectors again and check them: no difference, or a new format
	@.ci/prepare vectors
	python3 docs/format/make_vectors.py
	python3 docs/format/check_vectors.py docs/format/vectors

differential: ## Let Swift and Python judge 100,000 damaged things (TALLY_DIFFERENTIAL, TALLY_SEED)
	@.ci/prepare tests
	TALLY_DIFFERENTIAL=$${TALLY_DIFFERENTIAL:-30000} swift test --disable-xctest \
		--filter '^TallyCoreTests\.DifferentialTests'

referees: ## Ask other implementations what they think of the vectors of passkeys
	@.ci/prepare referees
	PYTHONPATH=.build/referees python3 docs/format/ask_referees.py docs/format/vectors

sweep: ## Put absurd values into every column and run every command that reads (an hour)
	@.ci/prepare tests
	TALLY_SWEEP=all swift test --disable-xctest --filter '^TallyCLITests\.AbsurdRowTests'

facts: ## Write again what the schemas are and what each role may do, after a change of schema
	@.ci/prepare tests
	@for schema in ledger keys; do (cd schema/$$schema && { \
		echo "// Every function of the schema, one per file, in the order of their names;"; \
		echo "// written by make facts."; \
		find functions -name '*.sql' | LC_ALL=C sort | sed 's|.*|#embed "&"\n    ,|'; \
	} > functions.h); done
	TALLY_WRITE_DOCS=1 swift test --disable-xctest \
		--filter '^TallyStoreTests\.(SchemaFact|SchemaManifest|RolesPage)Tests'

clean: ## Remove the build folders; ledgers and clusters stay
	rm -rf .build .build-*

prepare:
	@.ci/prepare
