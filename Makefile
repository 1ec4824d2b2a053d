# The book's commands: `make` lists them. The first ones need nothing but Python and make.
#   make serve PYTHON=python3.12     another Python than python3 (a .venv that works is kept)
#   make serve ADDR=127.0.0.1:8001   another port
#   make figures NAMES=conv_example  only these figures
#   make fuzz INPUTS=1000            fewer inputs of each target

PYTHON ?= python3
ADDR ?= 127.0.0.1:8000
NAMES ?=
INPUTS ?= 100000
BIN := .venv/bin
PY := $(BIN)/python

# Threads that wait must sleep: spinning, they make small training steps ten times slower.
export OMP_WAIT_POLICY := PASSIVE
export NO_MKDOCS_2_WARNING := 1

.NOTPARALLEL:
.PHONY: help serve site publish docs-fast test pages tests mutations fuzz check check-all figures \
        results labs benchmark constraints install-site install-all browser clean

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 20

serve: install-site ## the book in the browser, both languages
	$(PY) -m mkdocs serve --dev-addr $(ADDR)

site: install-site ## build the site into site/
	$(PY) -m mkdocs build --strict

publish: install-site ## build the site and push it to the branch gh-pages
	$(PY) -m mkdocs gh-deploy --strict --force

docs-fast: install-site ## serve one language without search, for writers
	$(PY) -m mkdocs serve --config-file mkdocs.fast.yml --dev-addr $(ADDR)

test: install-all pages browser tests ## run every page's examples, then the tests

pages: install-all ## run every page's examples: pytest docs/ --fresh
	$(PY) -m pytest docs/ --fresh

tests: install-all ## run the tests: pytest tests/
	$(PY) -m pytest tests/

mutations: install-all ## break the pages that the last 20 commits changed: they must fail
	$(PY) -m wode.book.mutations --changed 20

fuzz: install-all ## damaged and odd inputs, 100000 of each target
	$(PY) tools/fuzz.py --inputs $(INPUTS)

check: install-all ## style, formatting, types; how long the pages are, which fails nothing
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m ty check
	-$(PY) tools/counts.py

check-all: check fuzz browser ## what is exhaustive: both twins, every notebook, every mutation, fuzzing
	$(PY) -m pytest docs/ --run-twins
	$(PY) -m pytest tests/ --exhaustive

figures: install-all ## draw the figures of pics/ anew
	$(PY) -m wode.book.figures $(NAMES)

results: install-all ## run the pages' experiments anew, each by the command in its results file
	$(PY) tools/results.py $(NAMES)

labs: install-all ## run the labs' experiments anew; long
	$(PY) tools/results.py --labs $(NAMES)

benchmark: install-all ## measure what running the pages and what a fresh clone costs
	$(PY) tools/benchmark_docs.py
	$(PY) tools/benchmark_install.py

constraints: ## choose the newest versions within pyproject.toml's ranges; HOLD="torch==…" holds one
	$(PYTHON) tools/freeze.py $(HOLD)

install-site:
	@"$(PYTHON)" tools/install.py site

install-all:
	@"$(PYTHON)" tools/install.py all

browser: install-all
	@$(PY) tools/browser.py

clean: ## remove what make made, .venv too
	rm -rf .venv .venv.lock site build *.egg-info .pytest_cache .ruff_cache .hypothesis
