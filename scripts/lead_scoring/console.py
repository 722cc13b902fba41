"""How results are printed: tables and words for people, JSON for programs, colour only on a terminal."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

# Where nobody looks at a window there is no width to keep to.
PIPED_WIDTH = 140


def console(stderr: bool = False) -> Console:
    """A console that never reads data as markup. It is made anew for each use, so that it sees where output goes now."""
    stream = sys.stderr if stderr else sys.stdout
    piped = not stream.isatty() and "COLUMNS" not in os.environ
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, width=PIPED_WIDTH if piped else None)


def clean(value: object) -> str:
    """Text as a terminal may show it: control and direction characters out of the data cannot move the cursor."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in ("Cc", "Cf", "Cs") else character
        for character in str(value)
    )


def say(text: str = "", style: str = "", stderr: bool = False) -> None:
    """Print a line as it is; long ones are left to the terminal to wrap, so that paths can be copied."""
    console(stderr).print(Text(text, style=style), soft_wrap=True)


def words(text: str, style: str = "") -> None:
    """Print a sentence, broken between words."""
    console().print(Text(text, style=style))


def heading(text: str) -> None:
    """Print a title with air above it."""
    console().print()
    console().print(Text(text, style="bold"))


def table(*columns: str | tuple[str, str]) -> Table:
    """An empty table; a column is a name or (name, justification)."""
    result = Table(show_header=any(columns), box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    for column in columns:
        name, justify = column if isinstance(column, tuple) else (column, "left")
        result.add_column(name, justify=justify, overflow="fold", no_wrap=justify == "right")  # type: ignore[arg-type]
    return result


def print_table(rows: Iterable[Iterable[object]], *columns: str | tuple[str, str]) -> None:
    """Print rows under columns."""
    result = table(*columns)
    for row in rows:
        result.add_row(*(cell if isinstance(cell, Text) else Text(clean("" if cell is None else cell)) for cell in row))
    console().print(result)


def print_json(value: Any) -> None:
    """Print JSON. Decimals are texts, so that no digit is lost; what came in as no UTF-8 goes out as JSON's escapes."""
    text = json.dumps(value, default=_plain, ensure_ascii=False, indent=2)
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def number(value: Decimal | int | float) -> str:
    """A number for people: thousands apart, no zeros at the end."""
    if isinstance(value, Decimal):
        text = f"{value:,f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:,}"
