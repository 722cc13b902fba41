"""What every command does around its work: errors in words, progress on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import duckdb
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lead_scoring.console import console, print_json, say
from lead_scoring.errors import CommandError, engine_error
from lead_scoring.project import database_path, shown_path

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@contextmanager
def reported(as_json: bool) -> Iterator[None]:
    """Turn a CommandError into its message (standard error; JSON also on standard output) and its exit code."""
    try:
        try:
            yield
        except (OSError, duckdb.Error) as error:
            # Whatever was being written: a disk without room is said in words.
            raise engine_error(str(error), shown_path(database_path())) or error from error
    except CommandError as error:
        if as_json:
            print_json({"status": "error", "exit_code": error.exit_code, "message": error.message, **error.details})
        else:
            say(error.message, stderr=True)
        raise typer.Exit(error.exit_code) from error


@contextmanager
def progress_line(what: str, quiet: bool) -> Iterator[Callable[[int, int, str], None]]:
    """A moving line on a terminal; nothing where output is piped."""
    screen = console(stderr=True)
    if quiet or not screen.is_terminal:
        yield lambda done, total, name: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[node]}"),
    )
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task(what, total=None, node="reading the project")

        def update(done: int, total: int, name: str) -> None:
            progress.update(task, completed=done, total=total, node=name[:30])

        yield update
