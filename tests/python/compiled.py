"""Runs single models as dbt compiled them, day by day on tables that a test fills: a day costs milliseconds, where a true build costs seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from building import Project

ANY_DAY = date(2222, 2, 22)
"""The as_of_date that the models are compiled with, to be replaced by that of each day."""


@dataclass(frozen=True)
class Models:
    """Compiled SQL in the order in which it can be run, and the name of every relation in the database."""

    sql: dict[str, str]
    relations: dict[str, str]

    def statement(self, name: str, day: date) -> str:
        """The SQL of a model for a day."""
        return self.sql[name].replace(str(ANY_DAY), str(day))


def compile_models(folder: Path, names: Sequence[str], given: Iterable[str], standing: Sequence[str] = ()) -> Models:
    """Compile the models ``names`` in a new copy of the project; ``given`` are those that the test fills, ``standing`` are relations that stand there already."""
    project = Project(folder)
    for relation in standing:
        project.execute(f"create schema if not exists {relation.split('.')[0]}; create table {relation} (x int)")
    outcome = project.dbt(
        *("compile", "--select", *names, *given),
        raw=folder / "raw",
        variables={"as_of_date": str(ANY_DAY), "lead_scoring_sources": []},
    )
    assert outcome.success, outcome.exception
    nodes = [result.node for result in outcome.result.results]
    relations = {node.name: f"{node.schema}.{node.alias}" for node in nodes}
    waiting = {node.unique_id: node for node in nodes if node.name in names}
    sql: dict[str, str] = {}
    while waiting:
        ready = [node for node in waiting.values() if not waiting.keys() & set(node.depends_on.nodes) - {node.unique_id}]
        assert ready, "the models wait for each other"
        for node in ready:
            sql[node.name] = waiting.pop(node.unique_id).compiled_code
    return Models(sql, relations)


class Tables:
    """A database in memory with the tables that the models read, and those that they make."""

    def __init__(self, models: Models, given: Mapping[str, str]) -> None:
        """``given`` has the columns of every table that the test fills."""
        self.models = models
        self.connection = duckdb.connect(config={"threads": 1})
        # The name of the database stands in the compiled SQL.
        self.connection.execute("attach ':memory:' as lead_scoring; use lead_scoring")
        self.relations = {name: models.relations.get(name, name) for name in (*given, *models.relations)}
        for schema in {relation.split(".")[0] for relation in self.relations.values()}:
            self.connection.execute(f"create schema {schema}")
        for name, columns in given.items():
            self.connection.execute(f"create table {self.relations[name]} ({columns})")

    def fill(self, name: str, rows: Iterable[Sequence[Any]]) -> None:
        """Replace what a given table holds."""
        listed = [tuple(row) for row in rows]
        self.connection.execute(f"delete from {self.relations[name]}")
        if listed:
            table = pa.table({f"c{number}": pa.array(column) for number, column in enumerate(zip(*listed, strict=True))})
            self.connection.register("rows_given", table)
            self.connection.execute(f"insert into {self.relations[name]} select * from rows_given")
            self.connection.unregister("rows_given")

    def make(self, name: str, day: date) -> None:
        """Make one model."""
        self.connection.execute(f"create or replace table {self.relations[name]} as {self.models.statement(name, day)}")

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        """The rows of a table or model."""
        return self.connection.execute(f"select * from {self.relations[name]}").fetchall()

    def records(self, name: str) -> list[dict[str, Any]]:
        """The rows of a table or model, by column."""
        cursor = self.connection.execute(f"select * from {self.relations[name]}")
        columns = [column[0] for column in cursor.description or []]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
