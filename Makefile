# Builds, tests and shows Tallystick on a machine that has make, git and Swift 6.2 or newer.
# What else is needed comes from the system's packages: .ci/prepare installs what is missing.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test lint bench fuzz build format vectors clean prepare

SWIFT_CODE := $(wildcard Package.swift Sources Tests benchmarks)
# Python's caches stay out of the source folders.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.build/pycache

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

demo: build ## Watch a private ledger record, prove and catch tampering
	@"$$(swift build -c release --show-bin-path)/tally" demo

test: ## Run every test, then the second implementation of the format
	@.ci/prepare tests
	swift build --build-tests
	swift test --disable-xctest --skip-build
	@python3 docs/format/tally_verify.py vectors docs/format/vectors > .build/vectors.log \
		|| { cat .build/vectors.log; exit 1; }
	@echo "golden vectors in Python: $$(tail -n 1 .build/vectors.log)"

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

clean: ## Remove the build folder; ledgers and clusters stay
	rm -rf .build

prepare:
	@.ci/prepare
