"""A new source: the files that make the project read it. Everything is worked out first, then written; nothing that is there is overwritten."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from lead_scoring import guesses
from lead_scoring.errors import WRONG_USAGE, CommandError
from lead_scoring.project import PROJECT, SEEDS
from lead_scoring.samples import Table, tables_in
from lead_scoring.seeds import appended

STAGING = PROJECT / "models" / "staging"
PROJECT_FILE = PROJECT / "dbt_project.yml"
CODES = SEEDS / "source_event_types.csv"
LEGAL_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
TAKEN_NAMES = ("generic", "config")
KINDS = ("events", "contacts", "accounts", "identity_links", "outcomes", "erasures", "adjustments")
USUAL_KINDS = ("events", "contacts")
MOST_CODES = 100

# What a table is taken to have where no sample says what it has.
STARTERS = {
    "events": ["event_id", "event_type", "occurred_at", "loaded_at", "email", "contact_id", "page_path"],
    "contacts": [
        "contact_id",
        "email",
        "created_at",
        "updated_at",
        "loaded_at",
        "first_name",
        "last_name",
        "company",
        "job_title",
    ],
}
# Times that stand in for one another, best first, and what the page says of it.
STAND_INS = {
    "events": {"loaded_at": ["occurred_at"]},
    "contacts": {
        "contact_id": ["email"],
        "created_at": ["updated_at", "loaded_at"],
        "updated_at": ["loaded_at", "created_at"],
        "loaded_at": ["updated_at", "created_at"],
    },
    "accounts": {"updated_at": ["loaded_at"], "loaded_at": ["updated_at"]},
    "identity_links": {"occurred_at": ["loaded_at"], "loaded_at": ["occurred_at"]},
    "outcomes": {"occurred_at": ["loaded_at"], "loaded_at": ["occurred_at"]},
    "erasures": {"requested_at": ["loaded_at"], "loaded_at": ["requested_at"]},
    "adjustments": {},
}
# What makes a row one and the same where it has no id.
ID_PARTS = {
    "event_id": ["event_type", "occurred_at", "email", "contact_id", "anonymous_id", "page_path", "page_url", "email_id", "link_url", "asset"],
    "outcome_id": ["outcome", "occurred_at", "email", "contact_id"],
    "adjustment_id": ["score_model", "points", "effective_on", "email", "contact_id"],
}  # fmt: skip
# Without these a row is quarantined; of the names joined by | one is enough.
NEEDED = {
    "events": ["event_id", "occurred_at", "loaded_at", "email|contact_id|anonymous_id"],
    "contacts": ["contact_id", "created_at", "updated_at", "loaded_at"],
    "accounts": ["company_domain", "updated_at", "loaded_at"],
    "identity_links": ["contact_id", "merged_into_contact_id", "occurred_at", "loaded_at"],
    "outcomes": ["outcome_id", "outcome", "occurred_at", "loaded_at", "email|contact_id"],
    "erasures": ["requested_at", "loaded_at", "email|contact_id"],
    "adjustments": ["adjustment_id", "score_model", "points", "effective_on", "loaded_at", "email|contact_id"],
}
# What is read out of an address: no canonical column itself, but the ones named are made of it where nothing else is there.
ADDRESSES = {"page_url": ("page_path", "utm_source", "utm_medium", "utm_campaign"), "website": ("company_domain",)}
# Who did it: a hash that stands in for the id of a row needs one of them.
WHO = ("email", "contact_id", "anonymous_id")
SECTIONS = {"string": "strings", "int": "numbers", "bigint": "numbers", "double": "numbers", "boolean": "booleans"}


@dataclass
class Staged:
    """A staging model to be: its kind, its raw table, the raw column of each canonical one, and SQL where that is not one column."""

    kind: str
    table: str
    columns: dict[str, str]
    expressions: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    code: str = ""


@dataclass
class Plan:
    """All that is written for a source: new files by path, files that change with their new text, and what a person has to know."""

    name: str
    staged: list[Staged]
    tables: dict[str, dict[str, str]]
    codes: dict[str, str | None]
    notes: list[str]
    files: dict[Path, str] = field(default_factory=dict)
    changed: dict[Path, str] = field(default_factory=dict)

    @property
    def gaps(self) -> list[str]:
        """What a person has to say before rows of this source can be used."""
        return [f"stg_{self.name}__{staged.kind}: {gap}" for staged in self.staged for gap in staged.gaps]


@cache
def canonical_columns() -> dict[str, dict[str, str]]:
    """The canonical columns of each kind with their types, out of the macro that the models read too."""
    text = (PROJECT / "macros" / "canonical_columns.sql").read_text(encoding="utf-8")
    found = re.search(r"return\((\{\s*'events'.*?\n    \})\)", text, flags=re.DOTALL)
    if found is None:
        raise CommandError("macros/canonical_columns.sql does not name the columns of the kinds any more.")
    columns: dict[str, dict[str, str]] = ast.literal_eval(found[1])
    return columns


@cache
def descriptions() -> dict[str, dict[str, str]]:
    """The description of every column of each kind, as the vendor-neutral source has it."""
    models = yaml.safe_load((STAGING / "generic" / "_generic__models.yml").read_text(encoding="utf-8"))["models"]
    return {
        model["name"].removeprefix("stg_generic__"): {column["name"]: column["description"] for column in model["columns"]}
        for model in models
    }


def plan(name: str, tables: Mapping[str, str], kinds: Iterable[str], sample: Path | None) -> Plan:
    """Work out the files of a source.

    ``tables`` are the names of raw tables by kind where they are not called as the kind; ``kinds`` are wanted beside events and contacts. ``sample`` is a
    folder of the source's raw files. Raises CommandError with exit code 2 for a name that is not legal or taken, and for a table that is not there.
    """
    check_name(name)
    wanted = [kind for kind in KINDS if kind in (*USUAL_KINDS, *tables, *kinds)]
    found, ignored = tables_in(sample) if sample else ({}, [])
    notes = [f"{file} is left out: it is no table (<table>.parquet, .csv, .csv.gz or .jsonl)." for file in ignored]
    if sample:
        missing = [kind for kind in wanted if tables.get(kind, kind) not in found]
        named = [kind for kind in missing if kind in (*tables, *kinds)]
        if not found or named or len(missing) == len(wanted):
            raise CommandError(
                f"{sample} has no table {', '.join(tables.get(kind, kind) for kind in named or missing)}; it has {', '.join(found) or 'none'}. "
                + (
                    f"Is it the folder above the source's? Then say --sample {sample / name}."
                    if (sample / name).is_dir()
                    else "Say which is which: --table events=NAME --table contacts=NAME."
                ),
                WRONG_USAGE,
            )
        notes += [f"There is no table {kind}, so no {kind} are staged." for kind in missing]
        wanted = [kind for kind in wanted if kind not in missing]
    result = Plan(name, [], {}, {}, notes)
    for kind in wanted:
        _plan_kind(result, kind, tables.get(kind, kind), found)
    for table in found.values():
        _declare(result, table, None)
        notes += table.notes
        notes += [
            f"{table.name}.{column} is left out: its name holds characters that are not for names." for column in table.left_out
        ]
    _write(result)
    return result


def check_name(name: str) -> None:
    """Whether a source may be called so: raises CommandError with exit code 2 when it may not, or when there is one of that name."""
    if not LEGAL_NAME.fullmatch(name):
        raise CommandError(
            f"{name} is no name for a source: it is made of lower-case letters, digits and single _, and starts with a letter.",
            WRONG_USAGE,
        )
    variables = yaml.safe_load(PROJECT_FILE.read_text(encoding="utf-8"))["vars"]
    with CODES.open(encoding="utf-8-sig", newline="") as file:
        coded = any((row["source"] or "").strip().lower() == name for row in csv.DictReader(file))
    places = {
        "models/staging/": name in TAKEN_NAMES or (STAGING / name).exists(),
        "docs/sources/": (PROJECT / "docs" / "sources" / f"{name}.md").exists(),
        "dbt_project.yml": any(
            name in (variables.get(variable) or {})
            for variable in ("lead_scoring_staged", "lead_scoring_event_tables", "lead_scoring_own_models")
        ),
        "seeds/source_event_types.csv": coded,
    }
    taken = [place for place, is_taken in places.items() if is_taken]
    if taken:
        raise CommandError(f"There is a source {name} already, in {', '.join(taken)}. Nothing was written.", WRONG_USAGE)


def write(result: Plan) -> None:
    """Write what was planned."""
    for path, text in [*result.files.items(), *result.changed.items()]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


# ---------------------------------------------------------------------------------------------------------------------
# What each model is made of
# ---------------------------------------------------------------------------------------------------------------------


def _plan_kind(result: Plan, kind: str, table_name: str, found: Mapping[str, Table]) -> None:
    """Guess what the columns of a kind are made of, declare its table, and say what is missing."""
    types = canonical_columns()[kind]
    table = found.get(table_name)
    wanted = [column for column in types if column != "is_out_of_scope"]
    wanted += [address for address, parts in ADDRESSES.items() if parts[0] in types]
    if table:
        guessed = guesses.columns_of(kind, wanted, table.columns, table.values)
        for address in ADDRESSES.keys() & guessed.keys():
            if all(part in guessed for part in ADDRESSES[address]):
                del guessed[address]
        columns = {column: guessed[column] for column in wanted if column in guessed}
        _declare(result, table, {raw: types.get(column, "string") for column, raw in columns.items()})
        for column, raw in columns.items():
            odd = guesses.unreadable(types.get(column, "string"), table.values(raw))
            if odd is not None:
                result.notes.append(
                    f"{table_name}.{raw} is read as {column}, but holds '{odd}', which is no {types[column]}: such rows are quarantined."
                )
    else:
        columns = {column: column for column in STARTERS.get(kind, list(types))}
        result.tables.setdefault(table_name, {}).update({column: types[column] for column in columns})
    staged = Staged(kind, table_name, columns)
    result.staged.append(staged)
    _fill_gaps(staged, table)
    if kind == "events":
        _plan_codes(result, staged, table)


def _declare(result: Plan, table: Table, canonical_types: Mapping[str, str] | None) -> None:
    """Declare the columns of a raw table; what canonical columns are made of has their types."""
    declared = result.tables.setdefault(table.name, {})
    for column, engine_type in table.columns.items():
        canonical_type = (canonical_types or {}).get(column)
        if canonical_type is not None or column not in declared:
            values = {} if engine_type is not None or canonical_type is not None else table.values(column)
            declared[column] = guesses.raw_type(column, engine_type, canonical_type, values)


def _fill_gaps(staged: Staged, table: Table | None) -> None:
    """Put something in the place of what the table does not have; what nothing can stand in for is a gap."""
    columns, expressions, comments = staged.columns, staged.expressions, staged.comments
    for address in ADDRESSES.keys() & columns.keys():
        raw = columns[address]
        argument = f"'{_source(raw)}'" if "{" not in _source(raw) else f"'source.' ~ adapter.quote('{raw}')"
        calls = {"page_path": f"url_path({argument})", "company_domain": f"website_domain({argument})"}
        expressions |= {
            part: "{{ lead_scoring." + calls.get(part, f"url_parameter({argument}, '{part}')") + " }}"
            for part in _made_of(staged, address)
        }
    for column, candidates in STAND_INS[staged.kind].items():
        best = next((candidate for candidate in candidates if candidate in columns), None)
        if column not in columns and best is not None:
            expressions[column] = _source(columns[best])
            comments[column] = f"The table has no {column}: {best} stands in for it."
    for column, parts in ID_PARTS.items():
        present = [columns[part] for part in parts if part in columns]
        if column in canonical_columns()[staged.kind] and column not in columns and present:
            joined = "\n            || '|' || ".join(f"coalesce(cast({_source(part)} as string), '')" for part in present)
            expressions[column] = f"md5(\n            {joined}\n        )"
            comments[column] = "The table has no id: two rows that agree in all of this are one."
            lacks = [] if any(who in columns for who in WHO) else ["who"]
            lacks += [] if any(when in columns for when in parts if when.endswith(("_at", "_on"))) else ["when"]
            if lacks and table:
                found = list(table.texts(present))
                staged.gaps.append(
                    f"no id was found, and the hash that stands in for it lacks {' and '.join(lacks)}: of {len(found)} rows {len(set(found))} are different, "
                    f"the others count as duplicates. Add the columns that tell rows apart to {column}."
                )
    for needed in NEEDED[staged.kind]:
        names = needed.split("|")
        if not any(name in columns or name in expressions for name in names):
            staged.gaps.append(f"nothing looks like {' or '.join(names)}; until you name it every row is quarantined.")


def _made_of(staged: Staged, column: str) -> list[str]:
    """The canonical columns that a column, or an address, becomes."""
    return [part for part in ADDRESSES.get(column, (column,)) if column not in ADDRESSES or part not in staged.columns]


def _plan_codes(result: Plan, staged: Staged, table: Table | None) -> None:
    """The codes of the events, each with the event type that it probably means."""
    column = staged.columns.get("event_type")
    if column is None:
        staged.code = f"'{staged.table}'"
        result.codes = {staged.table: guesses.event_type_of(staged.table, _event_types())}
        staged.comments["native_code"] = "The table has no column that tells kinds of events apart, so all of it is one kind."
    else:
        staged.code = _source(column)
        counted: Counter[str] = Counter()
        spelling: dict[str, str] = {}
        for code, rows in (table.values(column) if table else Counter(["page_viewed"])).items():
            counted[spelling.setdefault(code.lower(), code).lower()] += rows
        chosen = [code for code, _ in counted.most_common(MOST_CODES)]
        result.codes = {spelling[code]: guesses.event_type_of(spelling[code], _event_types()) for code in sorted(chosen)}
        if len(counted) > MOST_CODES:
            result.notes.append(
                f"{staged.table}.{column} holds {len(counted)} different codes; the {MOST_CODES} most frequent are listed. Is it the right column?"
            )
    unknown = [code for code, event_type in result.codes.items() if event_type is None]
    if unknown:
        shown = ", ".join(unknown[:5]) + (" ..." if len(unknown) > 5 else "")
        staged.gaps.append(
            f"what {shown} means is not known; until you say it in seeds/source_event_types.csv, it is out of scope."
        )


@cache
def _event_types() -> tuple[str, ...]:
    with (SEEDS / "event_types.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple(row["event_type"] for row in csv.DictReader(file))


def _source(column: str) -> str:
    """A raw column in SQL; a name that SQL cannot hold as it is goes through the adapter's quotes."""
    if re.fullmatch(r"[a-z_][a-z0-9_]*", column):
        return f"source.{column}"
    return f"source.{{{{ adapter.quote('{column}') }}}}"


# ---------------------------------------------------------------------------------------------------------------------
# The texts
# ---------------------------------------------------------------------------------------------------------------------


def _write(result: Plan) -> None:
    """The text of every file."""
    name, folder = result.name, STAGING / result.name
    result.files[folder / f"_{name}__sources.yml"] = _sources_text(result)
    result.files[folder / f"_{name}__models.yml"] = _models_text(result)
    for staged in result.staged:
        result.files[folder / f"stg_{name}__{staged.kind}.sql"] = _model_text(result, staged)
    result.files[PROJECT / "docs" / "sources" / f"{name}.md"] = _page_text(result)
    result.changed[PROJECT_FILE] = _project_text(result)
    if result.codes:
        notes = {True: "guessed by its name", False: "out of scope until its event type is named"}
        rows = [
            {"source": name, "native_code": code, "event_type": event_type or "", "note": notes[event_type is not None]}
            for code, event_type in result.codes.items()
        ]
        result.changed[CODES] = appended(CODES, rows)


def _model_text(result: Plan, staged: Staged) -> str:
    """A staging model: every canonical column once, what nothing is known of among the nulls."""
    types = dict(canonical_columns()[staged.kind])
    if staged.kind == "events":
        del types["event_type"], types["is_out_of_scope"]
    made = {
        column: staged.expressions.get(column) or _source(staged.columns[column])
        for column in types
        if column in {**staged.columns, **staged.expressions}
    }
    nulls = [column for column in types if column not in made]
    sections: dict[str, list[str]] = {"ids": [], "strings": [], "numbers": [], "booleans": [], "times": []}
    for column, expression in made.items():
        is_id = column.endswith("_id") or column in ("email", "company_domain")
        section = (
            "ids"
            if is_id
            else SECTIONS.get(types[column].split("(")[0], "numbers" if types[column].startswith("decimal") else "times")
        )
        comment = f"-- {staged.comments[column]}\n        " if column in staged.comments else ""
        sections[section].append(f"{comment}{expression if expression == f'source.{column}' else f'{expression} as {column}'},")
    if staged.kind == "events":
        comment = f"-- {staged.comments['native_code']}\n        " if "native_code" in staged.comments else ""
        sections["strings"] += [f"{comment}{staged.code} as native_code,", "cast(null as string) as vendor_type,"]
    lines = [line for section, content in sections.items() if content for line in (f"-- {section}", *content)]
    lines += ["", "-- provenance", f"{{{{ lead_scoring.provenance('{staged.table}', 'source') }}}}{',' if nulls else ''}"]
    if nulls:
        shown = "".join(
            f"\n            {', '.join(repr(column) for column in nulls[start : start + 8])},"
            for start in range(0, len(nulls), 8)
        )
        lines += ["", "-- Not in the table. When one of them is, take it out of this list and write `source.<column> as <name>` above.",
                  f"{{{{ lead_scoring.null_columns('{staged.kind}', [{shown}\n        ]) }}}}"]  # fmt: skip
    select = "\n".join(f"        {line}" if line else "" for line in lines)
    steps = [
        f"with source as (\n\n    select * from {{{{ source('{result.name}', '{staged.table}') }}}}\n\n)",
        f"renamed as (\n\n    select\n{select}\n    from source\n\n)",
    ]
    last = "renamed"
    if staged.kind == "events":
        last = "final"
        steps += [
            "-- What a code means is a row of seeds/source_event_types.csv. Where codes have details, put them into native_code and the code alone into vendor_type.\n"
            f"translated as (\n\n    {{{{ lead_scoring.with_event_types('renamed', '{result.name}') }}}}\n\n)",
            "final as (\n\n    select\n"
            "        {{ (lead_scoring.canonical_columns('events').keys() | list + lead_scoring.provenance_columns().keys() | list) | join(',\\n        ') }}\n"
            "    from translated\n\n)",
        ]
    return (
        f"-- Grain: row of {staged.table} as delivered.\n{{{{ config(enabled='{result.name}' in var('lead_scoring_sources')) }}}}\n\n"
        + ",\n\n".join(steps)
        + f"\n\nselect * from {last}\n"
    )


def _sources_text(result: Plan) -> str:
    """The raw tables with their columns and types."""
    name = result.name
    lines = [
        "version: 2", "", "sources:",
        f"  - name: {name}",
        f'    description: "{name}, as its tables come."',
        f"    schema: \"{{{{ var('lead_scoring_raw_schema', 'raw_{{}}').replace('{{}}', '{name}') }}}}\"",
        "    tables:",
    ]  # fmt: skip
    for table, columns in result.tables.items():
        readers = [staged for staged in result.staged if staged.table == table]
        kinds = " and ".join(staged.kind for staged in readers)
        lines += [
            f"      - name: {table}",
            f'        description: "{f"Rows that become {kinds}" if readers else "Not read by any model yet"}."',
            "        columns:",
        ]
        for column, data_type in columns.items():
            made = [
                (staged.kind, part)
                for staged in readers
                for canonical, raw in staged.columns.items()
                if raw == column
                for part in _made_of(staged, canonical)
            ]
            uses = [part for _, part in made]
            needed = any(part in NEEDED[kind] for kind, part in made)
            lines += [f'          - name: "{column}"' if "{" in _source(column) else f"          - name: {column}"]
            lines += [
                f'            description: "{f"Becomes {_joined(uses)}" if uses else "As delivered; nothing reads it yet"}."'
            ]
            lines += [f"            data_type: {data_type}"]
            lines += ["            config: {meta: {is_required: true}}"] if needed else []
    lines += [
        "      - name: _rejected_lines",
        "        description: Lines of text files of this source that are no row at all.",
        "        columns:",
        "          - {name: raw_table, data_type: string, description: Table that the file belongs to.}",
        "          - {name: raw_file, data_type: string, description: File.}",
        "          - {name: raw_row, data_type: bigint, description: Line in the file.}",
        "          - {name: raw_text, data_type: string, description: The line as it came.}",
        "          - {name: rejection_reason, data_type: string, description: Why it is no row.}",
    ]
    return "\n".join(lines) + "\n"


def _joined(names: Iterable[str]) -> str:
    *first, last = dict.fromkeys(names)
    return f"{', '.join(first)} and {last}" if first else last


def _models_text(result: Plan) -> str:
    """Every model and column described, each model with a test of its grain."""
    lines = ["version: 2", "", "models:"]
    for staged in result.staged:
        told = descriptions()[staged.kind]
        lines += [
            f"  - name: stg_{result.name}__{staged.kind}",
            f'    description: "{staged.kind.replace("_", " ").capitalize()} of {result.name}: one row per row of {staged.table} as delivered."',
            "    data_tests:",
            "      - unique_combination:",
            "          arguments: {columns: [raw_file, raw_row]}",
            "    columns:",
        ]
        extra = [column for column in told if column not in canonical_columns()[staged.kind]]
        for column in [*canonical_columns()[staged.kind], *extra]:
            lines += [f"      - name: {column}", f'        description: "{told[column].strip()}"']
    return "\n".join(lines) + "\n"


def _project_text(result: Plan) -> str:
    """dbt_project.yml with the source in its two vars; every other line as it was."""
    lines = PROJECT_FILE.read_text(encoding="utf-8").splitlines(keepends=True)
    entries = {"lead_scoring_staged": [staged.kind for staged in result.staged]}
    entries |= {"lead_scoring_event_tables": [staged.table for staged in result.staged if staged.kind == "events"]}
    for variable, values in entries.items():
        start = next((number for number, line in enumerate(lines) if line.rstrip() == f"  {variable}:"), None)
        if start is None:
            raise CommandError(f"dbt_project.yml has no block {variable}, one source a line.")
        end = start + 1
        while end < len(lines) and lines[end].startswith("    "):
            end += 1
        if values:
            lines.insert(end, f"    {result.name}: [{', '.join(values)}]\n")
    return "".join(lines)


def _page_text(result: Plan) -> str:
    """The page about the source, with what was guessed."""
    name = result.name
    lines = [
        f"# {name}", "",
        f"Put the tables into one folder `{name}/`, as `<table>.parquet`, `.csv`, `.csv.gz` or `.jsonl`, or as a folder `<table>/` of such files, and name the folder above it:", "",
        "```", f'LEAD_SCORING_RAW=/data/raw make build ARGS="--source {name}"', "```", "",
        "What became of every row stands in `marts.rpt_source_rows`.", "",
        "## What becomes what", "", "| table | becomes |", "|---|---|",
    ]  # fmt: skip
    lines += [f"| `{staged.table}` | {staged.kind.replace('_', ' ')} |" for staged in result.staged]
    for staged in result.staged:
        lines += [
            "",
            f"### {staged.kind.replace('_', ' ').capitalize()}",
            "",
            f"| {staged.kind.replace('_', ' ')} | column of `{staged.table}` |",
            "|---|---|",
        ]
        lines += [f"| {_joined(_made_of(staged, column))} | `{raw}` |" for column, raw in staged.columns.items()]
        lines += ["", *(f"- {column}: {comment}" for column, comment in staged.comments.items())] if staged.comments else []
    if result.codes:
        lines += ["", "## Codes", "", "A code of the seed `seeds/source_event_types.csv` without an event type, and one that it does not list, is out of scope: counted, without points.", "",
                  "| code | event type |", "|---|---|"]  # fmt: skip
        lines += [f"| `{code}` | {event_type or 'out of scope'} |" for code, event_type in result.codes.items()]
    lines += [
        "",
        "## What we decided",
        "",
        "Columns and event types were guessed by their names. Say here what was checked, what differs, and what is left out and why.",
    ]
    return "\n".join(lines) + "\n"
