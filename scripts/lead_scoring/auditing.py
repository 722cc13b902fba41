"""Auditing marts without dbt: the laws and the tests that the marts declare, read where dbt reads them and run as plain SQL.

dbt runs the same tests in a build. A run that shall cost seconds has them from here: one place says what must hold, two can ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import yaml

from lead_scoring.database import identifier, quoted
from lead_scoring.project import PROJECT

LAWS = PROJECT / "tests" / "dbt" / "laws"
MARTS = PROJECT / "models" / "marts"
ACTIVATION = PROJECT / "models" / "activation"
REFERENCE = re.compile(r"\{\{\s*ref\('(\w+)'\)\s*\}\}")
FIRST_COMMENT = re.compile(r"\A--[^\n]*\n")


@dataclass
class Audit:
    """What came of it: how many rows break which test, and the tests that only dbt can run."""

    broken: dict[str, int] = field(default_factory=dict)
    passed: int = 0
    left_to_dbt: list[str] = field(default_factory=list)


def declared_in(*folders: Path) -> dict[str, dict[str, Any]]:
    """The properties of every model of some folders, by its name."""
    return {
        model["name"]: model
        for folder in folders
        for file in sorted(folder.glob("*.yml"))
        for model in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models", [])
    }


def audit(connection: duckdb.DuckDBPyConnection, relations: Mapping[str, str], laws: Path = LAWS) -> Audit:
    """Run the laws and the declared tests of the marts; ``relations`` says what stands for the name of a model, quoted for SQL."""
    found = Audit()
    for name, query in queries(relations, laws, found.left_to_dbt):
        rows = connection.execute(query).fetchall()[0][0]
        if rows:
            found.broken[name] = int(rows)
        else:
            found.passed += 1
    return found


def queries(relations: Mapping[str, str], laws: Path, left_to_dbt: list[str]) -> Iterator[tuple[str, str]]:
    """The name of each test, and a query that counts the rows that break it."""
    for file in sorted(laws.glob("*.sql")):
        query = law(file.read_text(encoding="utf-8"), relations)
        if query is None:
            left_to_dbt.append(file.stem)
        else:
            yield file.stem, query
    for name, model in declared_in(MARTS, ACTIVATION).items():
        if name not in relations:
            continue
        for column, test in declared_tests(model):
            kind, arguments, where = told(test)
            query = counted(kind, relations[name], column, arguments, where, relations)
            title = "_".join(part for part in (kind, name, column) if part)
            if query is None:
                left_to_dbt.append(title)
            else:
                yield title, query


def law(text: str, relations: Mapping[str, str]) -> str | None:
    """A singular test as a query that counts its rows; None where it says more in Jinja than names of models that are here."""
    named = set(REFERENCE.findall(text))
    if not named <= set(relations):
        return None
    query = REFERENCE.sub(lambda reference: relations[reference[1]], FIRST_COMMENT.sub("", text)).strip()
    return None if "{{" in query or "{%" in query else f"select count(*) from (\n{query}\n) as broken"


def declared_tests(model: Mapping[str, Any]) -> Iterator[tuple[str | None, str | dict[str, Any]]]:
    """The column, if any, and each data test that the properties of a model declare."""
    for test in model.get("data_tests", []):
        yield None, test
    for column in model.get("columns", []):
        for test in column.get("data_tests", []):
            yield column["name"], test


def told(test: str | dict[str, Any]) -> tuple[str, dict[str, Any], str | None]:
    """The kind of a declared test, its arguments, and the condition on the rows that it looks at."""
    if isinstance(test, str):
        return test, {}, None
    kind, said = next(iter(test.items()))
    said = said or {}
    return kind, said.get("arguments", {}), said.get("config", {}).get("where")


def counted(
    kind: str, relation: str, column: str | None, arguments: Mapping[str, Any], where: str | None, relations: Mapping[str, str]
) -> str | None:
    """A query that counts the rows that break a test; None for a kind of test that only dbt knows."""
    rows = f"(select * from {relation}{f' where {where}' if where else ''}) as looked_at"
    if kind == "not_null" and column:
        return f"select count(*) from {rows} where {identifier(column)} is null"
    if kind == "accepted_values" and column:
        values = ", ".join(quoted(str(value)) for value in arguments["values"])
        return f"select count(*) from {rows} where cast({identifier(column)} as varchar) not in ({values})"
    if kind == "unique_combination":
        columns = ", ".join(identifier(name) for name in arguments["columns"])
        nulls = (
            " or ".join(f"{identifier(name)} is null" for name in arguments["columns"])
            if arguments.get("never_null")
            else "false"
        )
        return (
            f"select (select count(*) from (select 1 from {rows} group by {columns} having count(*) > 1))"
            f" + (select count(*) from {rows} where {nulls})"
        )
    if kind == "relationships" and column:
        named = re.fullmatch(r"ref\('(\w+)'\)", str(arguments.get("to", "")))
        if named and named[1] in relations:
            other = f"select {identifier(arguments['field'])} from {relations[named[1]]}"
            return f"select count(*) from {rows} where {identifier(column)} is not null and {identifier(column)} not in ({other})"
    return None
