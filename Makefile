# Builds, tests and shows Tallystick on a machine that has make, git and Swift 6.2 or newer.
# What else is needed comes from the system's packages: .ci/prepare installs what is missing.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test optimised asan lint bench fuzz build man install format vectors facts sweep clean prepare

SWIFT_CODE := $(wildcard Package.swift Sources Tests benchmarks)
# Python's caches stay out of the source folders.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.build/pycache

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

demo: build ## Watch a private ledger record, prove and catch tampering
	@"$$(swift build -c release --show-bin-path)/tally" demo

test: ## Run every test, also on the optimised build, then the second implementation of the format
	@.ci/prepare tests
	swift build --build-tests
	swift test --disable-xctest --skip-build
	@$(MAKE) --no-print-directory optimised
	@python3 docs/format/tally_verify.py vectors docs/format/vectors > .build/vectors.log \
		|| { cat .build/vectors.log; exit 1; }
	@echo "golden vectors in Python: $$(tail -n 1 .build/vectors.log)"

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

lint: prepare ## Check the style of the Swift code and compile the Python code
	swift format lint --strict --recursive --parallel $(SWIFT_CODE)
	python3 -m py_compile docs/format/*.py

bench: build ## Measure the write path against a plain insert
	swift build -c release --product TallyBenchmark
	@bin="$$(swift build -c release --show-bin-path)"; \
	"$$bin/tally" dev --fresh --no-projections --data .tally/bench -- "$$bin/TallyBenchmark"

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
	python3 docs/format/tally_verify.py vectors docs/format/vectors

sweep: ## Put absurd values into every column of every table, and run every command that reads (an hour)
	@.ci/prepare tests
	TALLY_SWEEP=all swift test --disable-xctest --filter '^TallyCLITests\.AbsurdRowTests'

facts: ## Write again what the schemas are and what each role may do, after a change of schema/sql
	@.ci/prepare tests
	TALLY_WRITE_DOCS=1 swift test --disable-xctest --filter '^TallyStoreTests\.(SchemaFact|RolesPage)Tests'

clean: ## Remove the build folder; ledgers and clusters stay
	rm -rf .build

prepare:
	@.ci/prepare
