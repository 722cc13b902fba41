"""What holds for every file of the project: that it is described, keyed, bounded in size, and that its SQL is nobody's dialect.

Nothing here looks at a score. Two copies of the project are compiled: one with all sources, built on no data at all, for what dbt
and the database know of it; and one from which every macro for DuckDB is taken away, so that what is left is the text for Spark.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
import yaml
from conftest import REPOSITORY, SAMPLE_LAST_DAY, Copy, clean_environment, copy_project
from lead_scoring import dbt
from sqlglot import exp

MODELS = sorted((REPOSITORY / "models").rglob("*.sql"))
SINGULAR_TESTS = sorted((REPOSITORY / "tests" / "dbt").rglob("*.sql"))
PORTABLE_MACROS = [path for path in sorted((REPOSITORY / "macros").rglob("*.sql")) if "engine" not in path.parts]

# A literal other than 0 and 1 that is part of what a model means, and not a number that somebody might want to change.
LITERALS = {
    "fct_lead_scores": {"7", "30"},  # the two dates that the trend looks back to
    "int_lead_cycles": {"12", "60.875"},  # months of a year; twice the days of a month
    "int_lead_orders": {"2"},  # the median is the mean of the two middle ones
    "rpt_model_performance": {"2"},  # the same
    "int_score_guards": {"0.5"},  # what a band of an index has more, so that it has a logarithm
    "rpt_model_agreement": {"10"},  # the column speaks of the top tenth
    "int_lead_email_traits": {"3"},  # the trait is called clicked_last_3_emails
    "int_lead_reasons": {"2", "3"},  # the column holds the three largest contributions
    "int_decay_factors": {"0.5", "0.01", "10000"},  # a half; one per cent; ten-thousandths of a day
    "int_events_read": {"1970", "9999", "1e12", "1e9"},  # the edges of what can be a time, an amount, a duration
    "int_outcomes_resolved": {"1e12"},  # the edge of what can be an amount
    "int_contacts_classified": {"9999"},  # the last year that there is
    "int_once_values": {"12"},  # where the key begins behind `properties.`
    "int_signature_values": {"12"},  # the same
    "int_event_type_fields": {"12"},  # the same
    "int_page_views_sessionised": {"60", "31"},  # seconds of a minute; the character that separates units
    "int_lead_profiles": {"2"},  # the part of an address behind the @
    "int_days": {"3653"},  # the days of ten years
}

# Models that are longer than 150 lines or have more than 6 joins, and why they are one model all the same.
LONG_MODELS = {
    "rpt_source_rows": "the one place where all rows have to add up",
    "int_audience_members": "conditions on traits and on scores meet in one count",
    "int_contact_attributes": "the one place that says what stands in each word of payload_field",
    "int_contacts_desired": "listed, sent before and everybody are one list of people",
    "int_lead_suppressions": "the one place that says who must not be written to, and why",
}

# Columns whose names the interfaces or the seeds gave, against the form for their type.
NAMED_BY_CONTRACT = {
    "boolean": {"clicked_last_3_emails", "needs_operand", "needs_decay_days", "needs_decay_percent"},
    "date": {"as_of_date", "active_from", "active_to", "valid_from", "valid_to", "operand_date", "value_date"},
    "timestamp": {"identified_from", "identified_until"},
}
FORMS = {"boolean": r"(is|has|uses|was)_\w+", "date": r"\w+_on", "timestamp": r"\w+_at"}

# What sqlglot cannot say to Spark, in the models in which it stands. Each comes from a macro of macros/engine that has a text of its own for Spark.
UNSAYABLE = {"stg_config__condition_faults": "TRY"}  # is_regex(): whether a pattern compiles can only be tried

# What dbt's own cross-database macros say on DuckDB; on another engine its adapter says something else.
OF_THE_ADAPTER = {"string_split"}  # dbt.split_part()

# Functions of Spark that sqlglot does not know by name.
SPARK_FUNCTIONS = {
    "to_utc_timestamp",
    "try_to_timestamp",
    "current_timezone",
    "get_json_object",
    "sequence",
    "unix_micros",
    "xxhash64",
}

CLOCKS = r"current_date|current_timestamp|localtimestamp|now\s*\(|today\s*\(|getdate|sysdate|run_started_at|transaction_timestamp"
DUCKDB_ONLY = (
    r"::|\bqualify\b|\bdistinct\s+on\b|\bilike\b|\b(group|order)\s+by\s+all\b|\btry_cast\b|\blist\w*\s*\(|\bunnest\b|\bregexp_matches\b|\bstring_agg\b"
    r"|\bstring_split\b|\barg_m(in|ax)\b|\bdate_diff\b|\bdatediff\b|\bdate_add\b|\bstruct_pack\b|\bjson_extract\w*\b|\bto_json\b|\bexclude\s*\(|\breplace\s+\("
    r"|\bhugeint\b|\bvarchar\b|\bnfc_normalize\b|\bpositional\s+join\b|\basof\s+join\b|\bsemi\s+join\b|\banti\s+join\b|\bpivot\b|\bepoch\w*\s*\("
)


@dataclass(frozen=True)
class House:
    """The project as dbt and the database know it."""

    manifest: dict[str, Any]
    columns: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def nodes(self, *kinds: str) -> Iterator[dict[str, Any]]:
        for node in [*self.manifest["nodes"].values(), *self.manifest["sources"].values()]:
            if node["resource_type"] in kinds and node["package_name"] == "lead_scoring":
                yield node

    def columns_of(self, node: dict[str, Any]) -> dict[str, str]:
        """The columns that a node has in the database, with their types; those declared where it is a source.

        What has a column for each scored date (macros/scored_dates.sql) is described by that for today.
        """
        if node["resource_type"] == "source":
            return {name: str(column["data_type"]) for name, column in node["columns"].items()}
        columns = self.columns[node["schema"], node["alias"]]
        return {name: data_type for name, data_type in columns.items() if not re.search(r"__(ahead_\d+|[1-9]\d*)$", name)}


def run_dbt(copy: Copy, *arguments: str) -> None:
    staged = yaml.safe_load((copy.folder / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["lead_scoring_staged"]
    sources = [name for name in staged if (copy.folder / "models" / "staging" / name).exists()]
    run = subprocess.run(
        [
            dbt.find(),
            *arguments,
            "--no-use-colors",
            "--vars",
            json.dumps({"as_of_date": SAMPLE_LAST_DAY, "lead_scoring_sources": sources}),
        ],
        cwd=copy.folder,
        env=clean_environment({"LEAD_SCORING_RAW": "no/such/folder"}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def read_manifest(copy: Copy) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((copy.folder / "target" / "manifest.json").read_text(encoding="utf-8"))
    return manifest


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The project with all its sources, built on no data at all."""
    copy = copy_project(tmp_path_factory.mktemp("house") / "project")
    run_dbt(copy, "build", "--resource-type", "model", "seed")
    columns: dict[tuple[str, str], dict[str, str]] = {}
    with duckdb.connect(str(copy.database), read_only=True) as connection:
        query = "select table_schema, table_name, column_name, lower(data_type) from information_schema.columns order by all"
        for schema, table, column, data_type in connection.execute(query).fetchall():
            columns.setdefault((schema, table), {})[column] = data_type
    return House(read_manifest(copy), columns)


@pytest.fixture(scope="module")
def spark_manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The project as an engine without macros of its own would have it: the text for Spark."""
    copy = copy_project(tmp_path_factory.mktemp("spark") / "project")
    for path in (copy.folder / "macros").rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"macro duckdb__", "macro unused__", text), encoding="utf-8")
    run_dbt(copy, "compile")
    return read_manifest(copy)


def without_comments(text: str) -> str:
    return re.sub(r"--[^\n]*", "", re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL))


def without_strings(text: str) -> str:
    """The text without its SQL strings; what stands in quotes inside Jinja is SQL too, so it stays."""
    parts = re.split(r"(\{\{.*?\}\}|\{%.*?%\})", text, flags=re.DOTALL)
    return "".join(part if part.startswith("{") else re.sub(r"'[^']*'", "''", part) for part in parts)


def found(pattern: str, paths: list[Path]) -> list[str]:
    """Where a pattern stands outside comments and strings, as `file: match`."""
    texts = ((path, without_strings(without_comments(path.read_text(encoding="utf-8")))) for path in paths)
    return [f"{path.name}: {match.group(0)}" for path, text in texts for match in re.finditer(pattern, text, re.IGNORECASE)]


# What is described


def test_everything_is_described_in_a_sentence(house: House) -> None:
    missing = []
    for node in house.nodes("model", "seed", "source"):
        descriptions = {node["name"]: node["description"]}
        for column in house.columns_of(node):
            descriptions[f"{node['name']}.{column}"] = node["columns"].get(column, {}).get("description", "")
        missing += [name for name, text in descriptions.items() if not text.strip().endswith(".")]
    assert missing == []


def test_no_column_is_described_that_is_not_there(house: House) -> None:
    gone = [
        f"{node['name']}.{column}"
        for node in house.nodes("model", "seed")
        for column in node["columns"]
        if column not in house.columns_of(node)
    ]
    assert gone == []


def test_every_public_macro_is_described_with_its_arguments(house: House) -> None:
    missing = []
    for macro in house.manifest["macros"].values():
        name = macro["name"]
        if macro["package_name"] == "lead_scoring" and not name.startswith(("default__", "duckdb__")):
            signature = re.search(r"\{%-?\s*(?:macro|test)\s+\w+\((.*?)\)\s*-?%\}", macro["macro_sql"], re.DOTALL)
            arguments = (
                [part.split("=")[0].strip() for part in re.split(r",", signature.group(1))]
                if signature and signature.group(1)
                else []
            )
            described = [argument["name"] for argument in macro["arguments"] if argument["type"] and argument["description"]]
            if not macro["description"] or described != arguments:
                missing.append(name)
    assert missing == []


# What is tested


def test_every_model_has_a_key_or_says_why_not(house: House) -> None:
    keyed = {
        test["attached_node"]
        for test in house.nodes("test")
        if (test.get("test_metadata") or {}).get("name") in ("unique", "unique_combination")
    }
    keyless = [
        node["name"]
        for node in house.nodes("model")
        if node["unique_id"] not in keyed and not node["config"]["meta"].get("has_no_key")
    ]
    both = [
        node["name"] for node in house.nodes("model") if node["unique_id"] in keyed and node["config"]["meta"].get("has_no_key")
    ]
    assert keyless == []
    assert both == []


def test_every_mart_has_a_contract(house: House) -> None:
    marts = [node for node in house.nodes("model") if node["path"].startswith(("marts", "activation"))]
    assert marts
    assert [node["name"] for node in marts if not node["contract"]["enforced"]] == []
    assert [
        f"{node['name']}.{name}" for node in marts for name, column in node["columns"].items() if not column["data_type"]
    ] == []


# What the SQL looks like


def test_no_clock() -> None:
    macros = [path for path in sorted((REPOSITORY / "macros").rglob("*.sql")) if path.name != "time.sql"]
    assert found(CLOCKS, MODELS + SINGULAR_TESTS + macros) == []


def test_no_word_of_duckdb_outside_of_the_engine_macros() -> None:
    assert found(DUCKDB_ONLY, MODELS + SINGULAR_TESTS + PORTABLE_MACROS) == []


def test_no_element_of_an_array_by_number() -> None:
    """DuckDB counts the elements of an array from 1, Spark from 0."""
    texts = {
        path.name: re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", without_comments(path.read_text(encoding="utf-8")), flags=re.DOTALL)
        for path in MODELS
    }
    assert [name for name, text in texts.items() if re.search(r"[\w)\]]\[\w+\]", without_strings(text))] == []


def test_no_number_but_0_and_1_in_the_models_that_score() -> None:
    literals: dict[str, set[str]] = {}
    for path in MODELS:
        if {"intermediate", "marts", "activation"} & set(path.parts):
            text = without_strings(without_comments(path.read_text(encoding="utf-8")))
            text = re.sub(r"decimal\(\d+,\s*\d+\)", "", text)
            numbers = set(re.findall(r"(?<![\w.$])\d+(?:\.\d+)?(?:e\d+)?(?![\w.])", text)) - {"0", "1"}
            if numbers:
                literals[path.stem] = numbers
    assert literals == {name: numbers for name, numbers in LITERALS.items() if name in {path.stem for path in MODELS}}


def test_no_model_is_too_long() -> None:
    long = set()
    for path in MODELS:
        text = path.read_text(encoding="utf-8")
        joins = len(re.findall(r"\bjoin\b(?!\()", re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", without_comments(text), flags=re.DOTALL)))
        if "config" not in path.parts and (len(text.splitlines()) > 150 or joins > 6):
            long.add(path.stem)
    assert long == {name for name in LONG_MODELS if name in {path.stem for path in MODELS}}, (
        "A model has at most 150 lines and 6 joins. Move some of its steps into a model base_<source>__<what>, or name it in LONG_MODELS with the reason."
    )


# How things are called


def test_names_follow_their_form(house: House) -> None:
    forms = {
        "staging": r"(stg|base)_{folder}__\w+",
        "intermediate": r"int_\w+",
        "marts": r"(dim|fct|rpt)_\w+",
        "activation": r"act_\w+",
        "quarantine": r"quarantine_\w+",
    }
    wrong = []
    for path in MODELS:
        layer = path.relative_to(REPOSITORY / "models").parts[0]
        if not re.fullmatch(forms[layer].replace("{folder}", path.parent.name), path.stem):
            wrong.append(path.stem)
    wrong += [path.stem for path in SINGULAR_TESTS if path.parent.name != "generic" and not path.stem.startswith("assert_")]
    for test in house.manifest["unit_tests"].values():
        if not re.fullmatch(rf"{test['model']}__[a-z0-9_]+", test["name"]):
            wrong.append(test["name"])
    assert wrong == []


def test_columns_are_named_by_their_type(house: House) -> None:
    wrong = {
        f"{node['name']}.{column}"
        for node in house.nodes("model")
        for column, data_type in house.columns_of(node).items()
        if data_type in FORMS
        and column not in NAMED_BY_CONTRACT[data_type]
        and not re.fullmatch(FORMS[data_type], column.removesuffix("__0"))
    }
    assert wrong == set()


# That it is nobody's dialect


def test_what_duckdb_runs_can_be_said_to_spark(house: House) -> None:
    broken = []
    for node in house.nodes("model"):
        try:
            for sql in sqlglot.transpile(
                node["compiled_code"], read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
            ):
                sqlglot.parse(sql, read="spark", error_level=sqlglot.ErrorLevel.RAISE)
        except sqlglot.errors.SqlglotError as error:
            if UNSAYABLE.get(node["name"], "?") not in str(error):
                broken.append(f"{node['name']}: {error}")
    assert broken == []


def test_without_the_macros_for_duckdb_it_is_the_sql_of_spark(spark_manifest: dict[str, Any]) -> None:
    broken = []
    models = list(House(spark_manifest).nodes("model"))
    assert models
    for node in models:
        try:
            tree = sqlglot.parse_one(node["compiled_code"], read="spark", error_level=sqlglot.ErrorLevel.RAISE)
        except sqlglot.errors.SqlglotError as error:
            broken.append(f"{node['name']}: {error}")
            continue
        unknown = {call.name.lower() for call in tree.find_all(exp.Anonymous)} - SPARK_FUNCTIONS - OF_THE_ADAPTER
        words = {
            match.group(0)
            for match in re.finditer(
                r"\b(list_\w+(?=\s*\()|unnest|regexp_matches|string_agg|hugeint|try_cast|timezone)\b", node["compiled_code"]
            )
        }
        broken += [f"{node['name']}: {name}" for name in sorted(unknown | words)]
    assert broken == []
