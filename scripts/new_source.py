"""Add a source: the folder that reads its tables, with columns and codes guessed out of the files that are there."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from lead_scoring import samples, scaffold
from lead_scoring.console import console, print_json, say
from lead_scoring.project import PROJECT
from lead_scoring.running import AsJson, reported

Kind = StrEnum("Kind", {kind: kind for kind in scaffold.KINDS})  # type: ignore[misc]

app = typer.Typer(
    help="Add a source to the project.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def as_table(value: str) -> tuple[str, str]:
    """``events=visits`` as a pair of a kind and the name of its raw table."""
    kind, equals, table = value.partition("=")
    if kind not in scaffold.KINDS or not equals or not samples.TABLE_NAME.fullmatch(table):
        raise typer.BadParameter(f"{value} is not KIND=TABLE, as events=visits; kinds are {', '.join(scaffold.KINDS)}.")
    return kind, table


def as_tables(values: list[str]) -> dict[str, str]:
    """The raw tables by kind; a kind has one."""
    tables: dict[str, str] = {}
    for kind, table in map(as_table, values):
        if kind in tables:
            raise typer.BadParameter(
                f"{kind} is named twice, as {tables[kind]} and {table}. Name one table of a kind here and add the others by hand: docs/adding-a-source.md, Several tables of one kind."
            )
        tables[kind] = table
    return tables


@app.command(
    epilog="Exit codes: 0 done; 1 a file cannot be read; 2 wrong usage, or there is a source of that name. Then nothing was written."
)
def main(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call the source: lower-case letters, digits and _.")],
    table: Annotated[
        list[str] | None,
        typer.Option(
            "--table",
            metavar="KIND=TABLE",
            help="The raw table of a kind, where it is not called as the kind: events=visits. May be given several times.",
        ),
    ] = None,
    kind: Annotated[
        list[Kind] | None, typer.Option("--kind", help="A kind of rows beside events and contacts. May be given several times.")
    ] = None,
    sample: Annotated[
        Path | None,
        typer.Option(
            "--sample",
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="A folder of the source's raw files: their tables, columns and codes are taken from there.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write what the source NAME needs: staging models, their properties, a page, the codes of its events and its rows in dbt_project.yml."""
    tables = as_tables(table or [])
    with reported(as_json):
        result = scaffold.plan(name, tables, [str(one) for one in kind or []], sample)
        scaffold.write(result)
    written = [path.relative_to(PROJECT).as_posix() for path in [*result.files, *result.changed]]
    models = ", ".join(f"stg_{name}__{staged.kind}.sql" for staged in result.staged)
    steps = [
        f"Look at what was guessed: {models} in models/staging/{name}/.",
        f"Say what the codes mean: the rows {name} of seeds/source_event_types.csv."
        if result.codes
        else "Nothing has to be said about codes: there are no events.",
        f'Build it: LEAD_SCORING_RAW={_raw_folder(name, sample)} make build ARGS="--source {name}"',
    ]
    if as_json:
        print_json({
            "status": "ok", "exit_code": 0, "written": written, "next": steps, "gaps": result.gaps, "notes": result.notes, "codes": result.codes,
            "columns": {staged.kind: staged.columns for staged in result.staged},
        })  # fmt: skip
        return
    for path in written:
        say(path, style="green")
    for sentence in [*result.notes, *result.gaps]:
        say(sentence, style="yellow")
    console().print()
    for number, step in enumerate(steps, start=1):
        say(f"{number}. {step}")


def _raw_folder(name: str, sample: Path | None) -> str:
    """The folder of the raw data: the one above the sample when that is called as the source."""
    return str(sample.absolute().parent) if sample and sample.absolute().name == name else "/data/raw"


if __name__ == "__main__":
    app()
