# Every command of the README. Each only wraps what `make -n TARGET` shows; nothing is hidden.
# Needed: Python 3.11 or newer, git, make. Everything else goes into .venv.

PYTHON ?= python3
VENV := .venv/bin
CLI := $(VENV)/python scripts/lead_scoring
AUDIT := .tools/audit
LINEAGE := .tools/lineage
BOARDS := .tools/boards
PORT ?= 8770
BOARDS_DB := $(or $(LEAD_SCORING_BOARDS_DB),lead_scoring_published/current/lead_scoring.duckdb)
BOARDS_ENVIRONMENT := DO_NOT_TRACK=1 DBT_SEND_ANONYMOUS_USAGE_STATS=false DBT_PROFILES_DIR=.
AS_OF_DATE ?=
DATE ?=
ARGS ?=
TESTS ?=
SIZES ?= 1
CONTENDERS ?= limit full day sql polars chdb python
ROUNDS ?= 3

# The sample ends on this day.
SAMPLE_LAST_DAY := 2026-03-10

# The e-mail reaches the shell as a variable, whatever characters it holds.
export EMAIL

.DEFAULT_GOAL := help
.PHONY: help demo build run publish rollback versions check show explain report restate activate fake-brevo test test-faults lint format bench bench-boards lock sbom audit-dependencies clean environment environment-report environment-dev test-full docs lineage try-readers try-superset dashboard pictures

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: environment  ## Set up, score the sample, show the result
	@LEAD_SCORING_RAW=sample/raw $(CLI) build --source generic --as-of-date $(SAMPLE_LAST_DAY)
	@$(CLI) show

build: environment  ## Score your data: LEAD_SCORING_RAW names its folder; AS_OF_DATE=2026-03-10 ARGS=--help
	@$(CLI) build $(if $(AS_OF_DATE),--as-of-date $(AS_OF_DATE)) $(ARGS)

run: environment  ## Score what is new, as build does, without its data tests: for every day, or every hour
	@$(CLI) build --no-tests $(if $(AS_OF_DATE),--as-of-date $(AS_OF_DATE)) $(ARGS)

publish: environment  ## Publish what the last build made: ARGS=--accept-guards after a guard has stopped it
	@$(CLI) publish $(ARGS)

rollback: environment  ## Let readers see an earlier version: ARGS="--to 41"
	@$(CLI) rollback $(ARGS)

versions: environment  ## Show the versions that are kept
	@$(CLI) versions $(ARGS)

check: environment  ## Check the seeds: every contradiction with its file and line
	@$(CLI) check $(ARGS)

show: environment  ## Show the best leads, the segments, what was read and what was quarantined
	@$(CLI) show $(ARGS)

explain: environment  ## Why a lead has its score: EMAIL=ann@example.com
	@if [ -z "$$EMAIL" ]; then echo 'Which lead? make explain EMAIL=ann@example.com' >&2; exit 2; fi
	@$(CLI) explain "$$EMAIL" $(ARGS)

report: environment-report  ## Write report.html, the list to call and every lead in one file: ARGS=--with-emails
	@$(CLI) report $(ARGS)

restate: environment  ## Score past dates anew into restated.lead_scores: DATE="2026-01-31 2026-02-28"
	@if [ -z "$(DATE)" ]; then echo 'Which date? make restate DATE=2026-01-31' >&2; exit 2; fi
	@$(CLI) restate $(foreach day,$(DATE),--date $(day)) $(ARGS)

activate: environment  ## Send to the destinations what changed: ARGS=plan, ARGS="push --to brevo", ARGS=status
	@$(CLI) activate $(or $(ARGS),plan)

fake-brevo: environment  ## Serve a Brevo on this machine, to try a push without the real one: LEAD_SCORING_BREVO_URL=http://127.0.0.1:8765
	@$(VENV)/python tests/python/fakes/brevo.py --port 8765

test: environment-dev  ## Run all tests: TESTS=tests/python/test_cli.py for some
	@$(VENV)/python -m pytest $(TESTS) $(ARGS)

test-faults: environment-dev  ## Kill, starve and fuzz it at length: takes hours; docs/faults.md has the last results
	@LEAD_SCORING_KILLS=200 LEAD_SCORING_FAULTS=full LEAD_SCORING_FUZZ_SECONDS=1800 $(VENV)/python -m pytest -p no:xdist -o addopts= -rA tests/python/test_kills.py tests/python/test_faults.py tests/python/test_fuzz.py $(ARGS)

test-full: environment-dev  ## Run at length what CI runs in small, beside test-faults: 60 days of day runs, 20 random builds
	@LEAD_SCORING_DAYS=60 LEAD_SCORING_BUILDS=full $(VENV)/python -m pytest tests/python/test_day_runs.py tests/python/test_agreement.py tests/python/test_agreement_in_utc.py tests/python/test_agreement_in_berlin.py $(ARGS)

lint: environment-dev  ## Look at the style of SQL and Python, and at the types
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/python scripts/lint_sql.py

format: environment-dev  ## Put layout in order
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .
	$(VENV)/python scripts/lint_sql.py --fix

bench: environment  ## Measure against other ways to the same scores: SIZES="1 10" CONTENDERS="limit full sql" ROUNDS=5
	-$(VENV)/python -m pip install --quiet --requirement benchmarks/requirements.txt
	$(VENV)/python -m benchmarks.run --sizes "$(SIZES)" --contenders "$(CONTENDERS)" --rounds $(ROUNDS) $(ARGS)

bench-boards: environment-dev $(BOARDS)/installed  ## Time the boards on 1 million leads, after make demo: ARGS="--leads 100000 --rounds 3"; needs Chromium
	$(VENV)/python -m benchmarks.boards $(ARGS)

# The environment switches off what the boards' tools would tell their makers. Without a cache a reload shows what is published now.
dashboard: $(BOARDS)/installed  ## Look at what is published, in a browser: PORT=8770; builds the demo first where nothing is published
	@test -e "$(BOARDS_DB)" || LEAD_SCORING_RAW=sample/raw $(CLI) build --source generic --as-of-date $(SAMPLE_LAST_DAY)
	@$(BOARDS_ENVIRONMENT) $(BOARDS)/bin/dbt --quiet parse --target published --target-path target/boards
	@echo 'The boards: http://127.0.0.1:$(PORT)/overview/ (Ctrl-C ends them)'
	@$(BOARDS_ENVIRONMENT) $(BOARDS)/bin/dct serve --host 127.0.0.1 --port $(PORT) --no-cache

lock:  ## Lock the newest versions that requirements*.in allow (needs uv)
	uv pip compile --upgrade --no-strip-extras --generate-hashes --no-header --no-annotate --universal --python-version 3.11 requirements-dev.in -o requirements-dev.txt
	uv pip compile --upgrade --no-strip-extras --generate-hashes --no-header --no-annotate --universal --python-version 3.11 requirements.in -c requirements-dev.txt -o requirements.txt
	uv pip compile --upgrade --no-strip-extras --generate-hashes --no-header --no-annotate --universal --python-version 3.11 requirements-report.in -c requirements-dev.txt -o requirements-report.txt
	uv pip compile --upgrade --no-strip-extras --generate-hashes --no-header --no-annotate --universal --python-version 3.11 requirements-audit.in -o requirements-audit.txt
	uv pip compile --upgrade --no-strip-extras --generate-hashes --no-header --no-annotate --universal --python-version 3.11 integrations/lineage/requirements.in -o integrations/lineage/requirements.txt
	uv pip compile --upgrade --no-strip-extras --generate-hashes --no-header --no-annotate --universal --python-version 3.11 requirements-boards.in -o requirements-boards.txt

sbom: $(AUDIT)/installed  ## Write down what requirements.txt installs, as a CycloneDX bill of materials: target/sbom.cdx.json
	@mkdir -p target
	@$(AUDIT)/bin/cyclonedx-py requirements requirements.txt --output-reproducible --output-format JSON --output-file target/sbom.cdx.json
	@echo target/sbom.cdx.json

audit-dependencies: $(AUDIT)/installed  ## Ask whether a known vulnerability is in what requirements.txt installs; needs the internet
	@$(AUDIT)/bin/python scripts/audit_dependencies.py

# The tools of the two stand apart from .venv, so that what they need decides nothing there.
$(AUDIT)/installed: requirements-audit.txt | environment
	@$(VENV)/python -m venv --clear $(AUDIT)
	@$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --requirement requirements-audit.txt
	@touch $@

docs: environment  ## Write dbt's page of models, columns and lineage, after a build: target/static_index.html
	@$(VENV)/dbt docs generate --static --quiet
	@echo target/static_index.html

lineage: docs $(LINEAGE)/installed  ## Write where every column comes from, after a build: target/colibri/index.html
	@DO_NOT_TRACK=1 $(LINEAGE)/bin/colibri generate --disable-telemetry --light --output-dir target/colibri
	@echo target/colibri/index.html

$(LINEAGE)/installed: integrations/lineage/requirements.txt | environment
	@echo 'Installing dbt-colibri into $(LINEAGE), once; half a minute.'
	@$(VENV)/python -m venv --clear $(LINEAGE)
	@$(LINEAGE)/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --requirement integrations/lineage/requirements.txt
	@touch $@

pictures: environment-dev  ## Take the README's pictures anew, after make demo; needs Chromium
	@$(VENV)/python scripts/take_pictures.py

try-readers: environment  ## Read what is published with other people's tools, each in its own environment; not in CI
	@$(VENV)/python scripts/try_readers.py

try-superset: environment  ## Import integrations/superset into a scratch Superset and ask for every chart: takes minutes; not in CI
	@$(VENV)/python scripts/try_superset.py

# dbt Charts needs an older typer than the command line; so its own dbt reads the project for it.
$(BOARDS)/installed: requirements-boards.txt | environment
	@echo 'Installing dbt Charts into $(BOARDS), once; a minute or two.'
	@$(VENV)/python -m venv --clear $(BOARDS)
	@$(BOARDS)/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --requirement requirements-boards.txt
	@touch $@

clean:  ## Remove the database with its history, dbt's files and caches; .venv and .tools stay
	rm -rf target logs dbt_packages lead_scoring_published lead_scoring.duckdb lead_scoring.duckdb.wal lead_scoring.duckdb.lock .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find scripts tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

environment:
	@$(PYTHON) scripts/set_up.py build

environment-report:
	@$(PYTHON) scripts/set_up.py report

environment-dev:
	@$(PYTHON) scripts/set_up.py dev
