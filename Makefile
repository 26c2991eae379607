# make help shows what there is. Everything runs in .venv, made from requirements.lock.
.DEFAULT_GOAL := help
.PHONY: help setup study test check fix bench coverage assurance docs lock clean
SHELL := /bin/sh
PYTHON ?= python3
STUDY ?= notebooks/studies/pkst-2013
BIN := .venv/bin
export PYTHONUTF8 := 1
unexport PYTHONDONTWRITEBYTECODE # compiled modules halve the start of every process

help: ## show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/ready ## set up .venv from the hash-locked requirements.lock

# uv comes from the same lock, so that nothing is installed unhashed; it then installs the rest in seconds.
.venv/ready: requirements.lock pyproject.toml
	@test -d .venv || $(PYTHON) -m venv .venv
	@awk '/^[a-z0-9]/{keep=/^uv==/} keep' requirements.lock > .venv/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

study: setup ## run the main study: paper, Word, slides, page and annex under reports/drafts
	@$(BIN)/kesos run $(STUDY)

test: check ## lint, types, layers, translations, all tests
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup

check: setup ## look, change nothing: lint, format, types, layers
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/basedpyright --level error
	@$(BIN)/lint-imports --no-logo

fix: setup ## mend what can be mended: lint, format, catalogue, notebooks
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/python tests/contracts/catalogue.py --update

bench: setup ## measure the promises of docs/performance.md as ratios
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --group bench
	@for f in benchmarks/*.py; do echo "== $$f"; $(BIN)/python $$f || exit 1; done

coverage: setup ## long Monte-Carlo runs; writes docs/methods/coverage.md and the table the chooser reads
	@$(BIN)/python -m tests.coverage.run

assurance: setup ## long runs against data, guard and identity; writes docs/assurance.md
	@$(BIN)/python -m tests.assurance.run

docs: setup ## write the generated pages (glossary)
	@$(BIN)/python docs/glossary.py

lock: ## resolve requirements.lock anew (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" --group dev --output-file requirements.lock pyproject.toml

clean: ## remove .venv and drafts
	rm -rf .venv reports/drafts
