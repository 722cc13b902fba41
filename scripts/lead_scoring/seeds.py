"""The seeds as files: what is wrong with their bytes, and on which line a row stands.

dbt reads seeds through a database, which knows neither lines nor encodings. Here the files are read as bytes first, so that a
file that is not UTF-8, a torn row or a misspelt column is told with its line. What the cells mean is judged in SQL alone
(``stg_config__faults``); ``located`` gives the rows of that model their lines.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[2]
CONTRACT = PROJECT / "seeds" / "_seeds.yml"
"""Where the columns of each seed stand."""

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
REPEATED = "stands in the file"
"""How the reason of a row that stands twice begins: its last line is meant, of any other fault the first."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a seed. ``line`` is the physical line, counted from 1; None where the file has none to show."""

    file: str
    line: int | None
    score_model: str | None
    rule_id: str | None
    column: str | None
    reason: str

    def __str__(self) -> str:
        """The fault as one line of text: ``point_grid.csv:12: default / pricing_visit: column decay_days: is missing``."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        names = " / ".join(name for name in (self.score_model, self.rule_id) if name)
        column = f"column {self.column}" if self.column else ""
        return ": ".join(part for part in (place, names, column, self.reason) if part)


@dataclass(frozen=True)
class Record:
    """One row of a file: the physical line on which it begins, its cells, and the characters that end it."""

    line: int
    cells: list[str]
    end: str


@dataclass(frozen=True)
class Parsed:
    """The rows of a file, without empty lines, the line and the end of each line that ends a row or is empty, and where and why reading stopped before the end."""

    records: list[Record]
    ends: list[tuple[int, str]]
    stop: tuple[int, str] | None


def expected_columns(contract: Path = CONTRACT) -> dict[str, list[str]]:
    """The columns of each seed in their order, by the seed's name, out of the properties that dbt reads too."""
    seeds = yaml.safe_load(contract.read_text(encoding="utf-8"))["seeds"]
    return {seed["name"]: [column["name"] for column in seed["columns"]] for seed in seeds}


def check_files(seeds_dir: Path, contract: Path = CONTRACT) -> list[Fault]:
    """Every fault of the files themselves, in the order of the contract and then of the lines; none means that dbt can load them."""
    faults: list[Fault] = []
    for seed, columns in expected_columns(contract).items():
        path = find(seeds_dir, f"{seed}.csv")
        faults += [_fault(f"{seed}.csv", None, "the file is missing")] if path is None else _check_file(path, columns)
    return faults


def located(row: Mapping[str, str | None], seeds_dir: Path) -> Fault:
    """A row of ``stg_config__faults`` (file, score_model, rule_id, row_key, column_name, reason) with its line."""
    file, reason = row["file"] or "", row["reason"] or ""
    row_key = row.get("row_key")
    told = f"{row_key}: {reason}" if row_key else reason
    return Fault(file, locate(row, seeds_dir), row.get("score_model"), row.get("rule_id"), row.get("column_name"), told)


def locate(row: Mapping[str, str | None], seeds_dir: Path) -> int | None:
    """The physical line, counted from 1, on which the row begins that a row of ``stg_config__faults`` speaks of.

    The header's line where no single row is meant; None where the file is not there or cannot be read.
    """
    path = find(seeds_dir, row["file"] or "")
    if path is None:
        return None
    try:
        records = _parse(path.read_bytes().decode("utf-8-sig")).records
    except UnicodeDecodeError:
        return None
    if not records:
        return None
    header = [name.strip() for name in records[0].cells]
    cells = [(record.line, dict(zip(header, record.cells, strict=False))) for record in records[1:]]
    wanted = {"score_model": row.get("score_model"), "rule_id": row.get("rule_id"), **_keys(row.get("row_key"), header)}
    if any(wanted.values()):
        told = {name: value for name, value in wanted.items() if value}
        # Not every seed names its rows by the score model that it has a column for.
        found = next(filter(None, (_lines(cells, header, names) for names in (wanted, told))), [])
        # A fault of a score model as a whole names no row: its first one is shown.
        found = found or [line for line, cell in cells if _alike(wanted["score_model"], cell.get("score_model"))]
        if found:
            return found[-1] if (row.get("reason") or "").startswith(REPEATED) else found[0]
    return records[0].line


def _lines(cells: Sequence[tuple[int, Mapping[str, str]]], header: Sequence[str], wanted: Mapping[str, str | None]) -> list[int]:
    """The lines of the rows whose cells are those wanted."""
    return [line for line, cell in cells if all(_alike(wanted[name], cell.get(name)) for name in wanted if name in header)]


def appended(path: Path, rows: Sequence[Mapping[str, str]]) -> str:
    """The text of a seed with further rows at its end, in its own columns and line ends; cells of columns that it does not have are left out.

    Raises ValueError when the file has no header.
    """
    text = path.read_bytes().decode("utf-8")
    records = _parse(text.removeprefix("\ufeff")).records
    if not records:
        raise ValueError(f"{path.name} has no header")
    header = records[0]
    end = header.end or "\n"
    added = io.StringIO()
    writer = csv.DictWriter(added, header.cells, restval="", extrasaction="ignore", lineterminator=end)
    writer.writerows(rows)
    return text + ("" if text.endswith(("\n", "\r")) else end) + added.getvalue()


def find(seeds_dir: Path, file: str) -> Path | None:
    """Where a seed's file is: in the folder or, as the presets are, in one below it."""
    direct = seeds_dir / file
    return direct if direct.is_file() else next(iter(sorted(seeds_dir.rglob(Path(file).name or "?"))), None)


# ---------------------------------------------------------------------------------------------------------------------


def _fault(file: str, line: int | None, reason: str, column: str | None = None) -> Fault:
    return Fault(file, line, None, None, column, reason)


def _check_file(path: Path, columns: Sequence[str]) -> list[Fault]:
    """The faults of one file. What makes the lines uncountable or the columns unknown is told alone."""
    raw = path.read_bytes()
    faults = _check_bytes(path.name, raw)
    if faults:
        return faults
    parsed = _parse(raw.decode("utf-8-sig"))
    broken = [] if parsed.stop is None else [_fault(path.name, *parsed.stop)]
    if not parsed.records:
        return broken or [_fault(path.name, 1, "the file is empty: not even its columns are named")]
    return _check_header(path.name, parsed.records[0], columns) or [*_check_rows(path.name, parsed), *broken]


def _check_bytes(file: str, raw: bytes) -> list[Fault]:
    if raw.startswith(UTF16_MARKS):
        return [_fault(file, 1, "the file is UTF-16; save it as UTF-8")]
    faults = []
    for line, content in enumerate(raw.split(b"\n"), start=1):
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            faults.append(_fault(file, line, f"byte {error.start + 1} of the line is not UTF-8; save the file as UTF-8"))
        if b"\0" in content:
            faults.append(_fault(file, line, "the line holds a NUL character"))
    return faults


def _check_header(file: str, header: Record, columns: Sequence[str]) -> list[Fault]:
    line, names = header.line, header.cells
    faults = [_fault(file, line, "the column is missing", column) for column in columns if column not in names]
    for position, name in enumerate(names):
        if name in names[:position]:
            faults.append(_fault(file, line, "the column is named twice", name))
        elif name not in columns:
            nearest = difflib.get_close_matches(name.strip().lower(), columns, n=1)
            hint = f"; the nearest is {nearest[0]}" if nearest else ""
            faults.append(_fault(file, line, f"there is no such column{hint}", name))
    return faults


def _check_rows(file: str, parsed: Parsed) -> list[Fault]:
    """Rows that are torn, and the first line, be it empty, that ends in another way than the header: DuckDB reads no mixture."""
    header = parsed.records[0]
    faults = [
        _fault(file, record.line, f"the row has {len(record.cells)} fields, not {len(header.cells)} as the header has")
        for record in parsed.records
        if len(record.cells) != len(header.cells)
    ]
    odd = next((line for line, end in parsed.ends if end not in (header.end, "")), None)
    if odd is not None:
        faults.append(_fault(file, odd, "the line ends in another way than the first; save the file with one kind of line end"))
    return faults


def _parse(text: str) -> Parsed:
    """The rows as DuckDB reads them: a quote after spaces opens a cell too. Only the header keeps the spaces before its names, to be told of them."""
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, strict=True, skipinitialspace=True)
    parsed = Parsed([], [], None)
    begins = 1
    try:
        for cells in reader:
            last = lines[reader.line_num - 1]
            end = last[len(last.rstrip("\r\n")) :]
            parsed.ends.append((begins, end))
            if cells:
                named = cells if parsed.records else next(csv.reader(lines[begins - 1 : reader.line_num], strict=True))
                parsed.records.append(Record(begins, named, end))
            begins = reader.line_num + 1
    except csv.Error as error:
        if "field larger" in str(error):
            return replace(parsed, stop=(begins, f"a cell is too long ({error})"))
        return replace(parsed, stop=(begins, "a quote does not close, or something stands between a closing quote and the comma"))
    return parsed


def _keys(row_key: str | None, header: Sequence[str]) -> dict[str, str]:
    """``segment=warm, trend=rising`` as a mapping; only names of columns count, so that a value may hold a comma."""
    keys: dict[str, str] = {}
    name = None
    for part in (row_key or "").split(", "):
        head, equals, rest = part.partition("=")
        if equals and head in header and head not in keys:
            name = head
            keys[name] = rest
        elif name is not None:
            keys[name] += ", " + part
    return keys


def _alike(value: str | None, cell: str | None) -> bool:
    """Whether a cell is what SQL made of it: trimmed, perhaps in lower case, perhaps a number."""
    left, right = (value or "").strip().casefold(), (cell or "").strip().casefold()
    if left == right:
        return True
    try:
        return Decimal(left) == Decimal(right)
    except InvalidOperation:
        return False
