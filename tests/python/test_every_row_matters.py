"""Change one cell of each row of the shipped seeds: the result moves, and exactly as the oracle says.

A row that moves nothing would be decoration, or a rule that the SQL does not carry out. Rows of seeds that belong to a score model are changed
in a copy of that score model, so that one build serves them all; of the others every row is changed in the oracle, and all at once in SQL.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from pathlib import Path

import oracle
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import REPOSITORY, Project
from comparing import assert_agrees

AS_OF_DATE = date(2026, 3, 10)

UNTOUCHED = "untouched"
"""A copy of the default score model in which nothing is changed: it must be found to move nothing."""

Row = dict[str, str]


def read_seed(name: str) -> list[Row]:
    """The rows of a shipped seed."""
    with (REPOSITORY / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_seed(folder: Path, name: str, rows: list[Row]) -> None:
    """Write a seed with the columns of the shipped one."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(read_seed(name)[0]))
        writer.writeheader()
        writer.writerows(rows)


def more(cell: str, by: str = "1") -> str:
    """A number a little larger."""
    return str(Decimal(cell or "0") + Decimal(by))


def change_rule(row: Row) -> Row:
    """What a rule gives; of a rule without points what it looks for."""
    if row["points"]:
        return {**row, "points": more(row["points"])}
    if row["kind"] == "exclude":
        return {**row, "operator": "eq", "operand": "false" if row["operand"] == "true" else "nobody"}
    if row["target_segment"]:
        return {**row, "target_segment": "new"}
    return {**row, "window_days": str(max(1, int(row["window_days"]) // 4))}


CHANGES: dict[str, Callable[[Row], Row]] = {
    "point_grid": change_rule,
    "point_grid_conditions": lambda row: {**row, "operand": str(Decimal(row["operand"]) * 10 if "g" in row["operator"] else 0)},
    "rule_groups": lambda row: {
        **row,
        "max_points": "" if row["subscore"] == "negative" else "1",
        "min_points": "-1" if row["subscore"] == "negative" else "",
    },
    "subscore_bounds": lambda row: {**row, "min_points": "1", "max_points": "1"},
    "score_models": lambda row: {**row, "score_max": "40"},
    "grade_scales": lambda row: {**row, "grade": row["grade"] + "x"},
    "segments": lambda row: {**row, "temperature": "hot" if row["temperature"] != "hot" else "cold"},
}
"""How a row of a seed that belongs to a score model is changed."""


def variants() -> dict[str, tuple[str, int]]:
    """Name of the copied score model -> the seed and the number of the row that is changed in it."""
    changed = {f"{name}_{number}": (name, number) for name in CHANGES for number in range(len(read_seed(name)))}
    return {UNTOUCHED: ("none", 0), **changed}


def write_variants(folder: Path) -> None:
    """The shipped seeds with a copy of the default score model for every row, that row changed."""
    folder.mkdir()
    for name in CHANGES:
        shipped = read_seed(name)
        rows = list(shipped)
        for code, (changed_seed, changed_number) in variants().items():
            for number, row in enumerate(shipped):
                copied = CHANGES[name](row) if (name, number) == (changed_seed, changed_number) else dict(row)
                rows.append({**copied, "score_model": code, **({"is_default": "false"} if name == "score_models" else {})})
        write_seed(folder, name, rows)


def telling_leads(config: oracle.Config, result: oracle.Result) -> set[str]:
    """Of the sample's leads: two for every entry of the ledger, those whose segment a rule decides, and some of every grade and segment."""
    chosen = {
        row.lead_id for row in result.scores if row.segment != oracle.band(config.segments[row.score_model], row.score).segment
    }
    leads_of: dict[object, list[str]] = {}
    for entry in result.contributions:
        leads_of.setdefault((entry.entry_type, entry.rule_id, entry.rule_group, entry.subscore), []).append(entry.lead_id)
    for row in result.scores:
        leads_of.setdefault((row.grade, row.segment, row.trend), []).append(row.lead_id)
    return chosen.union(*(leads[:2] for leads in leads_of.values()))


def write_part_of_the_sample(folder: Path) -> None:
    """The telling leads of the sample with all that is theirs; adjustments stay out, since they name one score model only."""
    folder.mkdir(parents=True)
    source = REPOSITORY / "sample" / "raw"
    config, raw = oracle.load_config(REPOSITORY / "seeds"), oracle.load_raw(source)
    chosen = telling_leads(config, oracle.score(config, raw, AS_OF_DATE))
    with localcontext(oracle.EXACT):
        scorer = oracle.Scorer(config, raw, "UTC", None, 90)
    kept = {
        "events": [lead_id in chosen for lead_id in scorer.row_leads],
        "contacts": [
            row["contact_id"] is not None and scorer.identity.lead_of_contact(row["contact_id"]) in chosen for row in raw.contacts
        ],
        "accounts": None,
        "identity_links": None,
    }
    for name, mask in kept.items():
        table = pq.read_table(source / "generic" / f"{name}.parquet")
        pq.write_table(table if mask is None else table.filter(pa.array(mask)), folder / f"{name}.parquet")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> oracle.Result:
    """The oracle's result on the part of the sample, with which the SQL agrees."""
    folder = tmp_path_factory.mktemp("every_row")
    write_part_of_the_sample(folder / "raw" / "generic")
    write_variants(folder / "seeds")
    project = Project(folder / "project")
    project.replace_seeds(folder / "seeds")
    project.build(folder / "raw", {"as_of_date": str(AS_OF_DATE)})
    for name in read_seed_names() - CHANGES.keys():
        if not (folder / "seeds" / f"{name}.csv").exists():
            write_seed(folder / "seeds", name, read_seed(name))
    expected = oracle.score(oracle.load_config(folder / "seeds"), oracle.load_raw(folder / "raw"), AS_OF_DATE)
    assert_agrees(project, expected, "the grid with every row changed")
    return expected


def read_seed_names() -> set[str]:
    """The names of all shipped seeds."""
    return {path.stem for path in (REPOSITORY / "seeds").glob("*.csv")}


def test_every_row_of_a_score_model_moves_something(results: oracle.Result) -> None:
    """No rule, group, bound, scale or segment is decoration."""

    def published(code: str) -> set[tuple[object, ...]]:
        scores = {(row.lead_id, *row[2:]) for row in results.scores if row.score_model == code}
        ledger = {(row.lead_id, *row[2:]) for row in results.contributions if row.score_model == code}
        # The id of these entries is the score model's own name.
        return scores | {row for row in ledger if row[2] not in ("normalisation", "score_bound")}

    unchanged = published("default")
    still = [code for code in variants() if published(code) == unchanged]
    assert still == [UNTOUCHED], f"these rows move nothing: {still}"


def people(seed: str | None = None) -> dict[str, list[dict[str, object]]]:
    """One person for every row of the seeds that all score models share, or of one of those seeds."""
    contacts: list[dict[str, object]] = []
    events: list[dict[str, object]] = []

    def add_contact(email: str, **fields: object) -> None:
        moment = datetime(2025, 1, 2)
        contacts.append(
            {
                "contact_id": f"c{len(contacts)}",
                "email": email,
                "loaded_at": moment,
                "created_at": moment,
                "updated_at": moment,
                **fields,
            }
        )

    def add_event(email: str, event_type: str, moment: datetime, **columns: object) -> None:
        key = {
            "event_id": f"e{len(events)}",
            "event_type": event_type,
            "occurred_at": moment,
            "loaded_at": moment,
            "email": email,
        }
        events.append({**key, **columns})

    def rows_of(name: str) -> list[Row]:
        return read_seed(name) if seed in (None, name) else []

    for name in ("free_email_domains", "internal_domains"):
        for row in rows_of(name):
            add_contact(f"somebody@{row['domain']}")
    for row in rows_of("event_types"):
        add_event(f"{row['event_type']}@types.example", row["event_type"], datetime(2026, 3, 1, 9))
    for number, row in enumerate(rows_of("seasons")):
        add_contact(f"season{number}@seasons.example", industry=row["industry"], cycle_months=3)
        add_event(f"season{number}@seasons.example", "order_completed", datetime(2025, int(row["month"]), 1) - timedelta(days=20))
    for number, row in enumerate(rows_of("tagged_links")):
        tags = {name: row[name] for name in oracle.TAGS if row[name]}
        add_event(f"arrival{number}@links.example", "page_viewed", datetime(2026, 3, 1, 9), **tags)
    for row in rows_of("profile_fields"):
        add_contact(
            "complete@profiles.example" if row["field"] == "email" else f"{row['field']}@profiles.example",
            **{
                name: 5 if name == "employee_count" else "filled"
                for name in (field["field"] for field in read_seed("profile_fields"))
                if name not in ("email", row["field"])
            },
        )
    return {"contacts": contacts, "events": events}


SHARED: dict[str, Callable[[Row], Row | None]] = {
    "free_email_domains": lambda row: None,
    "internal_domains": lambda row: None,
    "event_types": lambda row: {
        **row,
        "is_machine": "false",
        "is_engagement": "false" if row["is_engagement"] == "true" else "true",
    },
    "seasons": lambda row: None,
    "profile_fields": lambda row: None,
    "tagged_links": lambda row: None,
}
"""How a row of a seed that all score models share is changed; None takes it away."""

PROBES = [
    {"field": "is_free_email", "operator": "eq", "operand": "true"},
    {"field": "is_internal", "operator": "eq", "operand": "true"},
    {"field": "days_since_last_activity", "operator": "gte", "operand": "0"},
    {"kind": "event", "subscore": "behaviour", "event_type": "signature_clicked"},
    *(
        {"field": "profile_completeness", "operator": "gte", "operand": str(Decimal(share) / 1000)}
        for share in range(500, 1000, 5)
    ),
]
"""Rules that look at what the shared seeds decide."""


def shared_config(changed_seed: str | None = None, changed_number: int | None = None) -> dict[str, list[Row]]:
    """The shipped seeds with a grid of probes; one row of a shared seed changed, all of them where the number is None."""
    tables = {name: read_seed(name) for name in (*CHANGES, *SHARED)}
    tables |= {name: [] for name in ("point_grid_conditions", "rule_groups", "subscore_bounds")}
    blank = dict.fromkeys(read_seed("point_grid")[0], "")
    tables["point_grid"] = [
        {**blank, "score_model": "default", "rule_id": f"probe_{number}", "subscore": "fit", "label": f"Probe {number}", "kind": "attribute",
         "points": "1", **probe}
        for number, probe in enumerate(PROBES)
    ]  # fmt: skip
    for name, change in SHARED.items():
        if changed_seed in (name, "all"):
            rows = [change(row) if changed_number in (number, None) else row for number, row in enumerate(tables[name])]
            tables[name] = [row for row in rows if row is not None]
    return tables


@pytest.mark.parametrize("name", SHARED)
def test_every_row_of_a_shared_seed_moves_something(name: str) -> None:
    """No domain, event type, season, profile field or tagged link is decoration: each moves something among the people made for its seed."""
    raw = oracle.raw_from_rows(**people(name))
    months = {int(row["month"]) for row in read_seed("seasons")} if name == "seasons" else {3}

    def published(config: dict[str, list[Row]]) -> list[object]:
        loaded = oracle.config_from_rows(**config)
        return [
            oracle.score(loaded, raw, date(2025 if name == "seasons" else 2026, month, 15)).scores for month in sorted(months)
        ]

    unchanged = published(shared_config())
    still = [row for number, row in enumerate(read_seed(name)) if published(shared_config(name, number)) == unchanged]
    assert not still, f"these rows of {name} move nothing: {still}"


def test_the_shared_seeds_agree(tmp_path: Path) -> None:
    """The SQL sees the people made for the shared seeds as the oracle does, before and after every row is changed."""
    for name, rows in people().items():
        columns = {column: [row.get(column) for row in rows] for column in dict.fromkeys(key for row in rows for key in row)}
        (tmp_path / "raw" / "generic").mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), tmp_path / "raw" / "generic" / f"{name}.parquet")
    project = Project(tmp_path / "project")
    for changed in (None, "all"):
        config = shared_config(changed)
        (tmp_path / f"seeds_{changed}").mkdir()
        for name, seed_rows in config.items():
            write_seed(tmp_path / f"seeds_{changed}", name, seed_rows)
        project.replace_seeds(tmp_path / f"seeds_{changed}")
        project.build(tmp_path / "raw", {"as_of_date": str(AS_OF_DATE)})
        expected = oracle.score(oracle.config_from_rows(**config), oracle.load_raw(tmp_path / "raw"), AS_OF_DATE)
        assert_agrees(project, expected, f"people for the shared seeds, changed: {changed}")
