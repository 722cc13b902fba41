"""Files: for a receiver without an API of ours. A batch becomes a CSV and a Parquet file with the same rows, in a folder that the receiver reads.

The contract with whoever reads them:

- A file is a **delta**, one row an operation, never the whole list. It is whole as soon as it is there: it is written under a name that ends with ``.part`` and renamed.
- ``op_id`` is the idempotency key. A push that was killed right after a file was renamed delivers its rows again, with the same op_id, in a later file. Drop an op_id that was
  seen before, and nobody is in a state twice and no event happens twice.
- Of what is left, the row with the greatest ``told_at`` of a (destination, kind, list_id, key) is the state: kind ``member``: on the list after ``add``, off it after ``remove``;
  kind ``contact``: the attributes.
- A row of kind ``forget`` is an erased person. Delete them, also from the files that you kept: what was handed over is yours, and we do not touch it again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import duckdb

from lead_scoring.activation.operations import Batch, Operation, Verdict
from lead_scoring.activation.providers.base import Provider, Refused, Transport
from lead_scoring.database import identifier, quoted
from lead_scoring.exports import write_csv
from lead_scoring.publishing import synchronise

FOLDER = "LEAD_SCORING_FILES_FOLDER"
COLUMNS = "op_id after_op_id destination kind list_id op key lead_id reason told_at".split()
"""What every file begins with."""
EVENT_COLUMNS = "event occurred_at properties".split()
LONGEST_NAME = 60
"""Characters that a destination's or a list's part of a file name has at most."""
BIGGEST = 2**63 - 1


class Files(Provider):
    """A folder, named by LEAD_SCORING_FILES_FOLDER. It has to exist: a mistyped one, or a share that is not mounted, must not be filled in silence.

    A contact's attributes are columns by their names; of an event there are ``event``, ``occurred_at`` and ``properties`` (JSON). Times are UTC.
    """

    name: ClassVar[str] = "files"
    base_url: ClassVar[str] = ""
    secrets: ClassVar[tuple[str, ...]] = (FOLDER,)

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self.started = datetime.now(UTC)
        self.number = 0

    def headers(self) -> Mapping[str, str]:
        """None: nothing is sent."""
        return {}

    def limit_of(self, batch_kind: str, is_removal: bool) -> str | None:
        """The row by the kind's name. A contact or an event is never removed."""
        if is_removal and batch_kind not in ("member", "forget"):
            return None
        return batch_kind if batch_kind in ("contact", "member", "event", "forget") else None

    def deliver(self, batch: Batch, transport: Transport) -> Sequence[Verdict]:
        """Write a batch as two files; the transport is not used. All operations are accepted when both are on disk.

        Raises Refused where the folder is missing or cannot be written to, or where an attribute cannot be the name of a column.
        """
        folder = Path(self.environment[FOLDER])
        if not folder.is_dir():
            raise Refused(f"{FOLDER} names {str(folder)!r}, which is no folder.")
        rows = [_row(operation, datetime.now(UTC)) for operation in batch.operations]
        columns = _columns(batch, rows)
        stem = self._stem(batch, folder)
        try:
            _write(rows, columns, folder / stem)
        except (OSError, duckdb.Error) as error:
            # Half a file is of no use to anybody, and people stand in it.
            for part in folder.glob(f"{stem}.*.part"):
                part.unlink(missing_ok=True)
            raise Refused(f"Nothing can be written into {FOLDER} ({str(folder)!r}): {error}") from error
        return [Verdict(operation, True) for operation in batch.operations]

    def _stem(self, batch: Batch, folder: Path) -> str:
        """A file name without its ending that is not taken: destination, kind, list, op, the time of the push and a number."""
        parts = [_safe_name(batch.destination), batch.kind]
        if batch.list_id:
            parts.append(_safe_name(batch.list_id))
        if batch.kind != "forget":
            parts.append("remove" if batch.is_removal else "add")
        parts.append(f"{self.started:%Y%m%dT%H%M%SZ}")
        while True:
            self.number += 1
            stem = "_".join([*parts, f"{self.number:04d}"])
            if not any((folder / f"{stem}{ending}").exists() for ending in (".csv", ".parquet")):
                return stem


def _safe_name(name: str) -> str:
    """A name as part of a file name: letters, digits, hyphens. One that had to be changed gets a hash, so that two lists never share a name."""
    safe = re.sub(r"[^A-Za-z0-9-]+", "-", name)[:LONGEST_NAME]
    return safe if safe == name else f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _row(operation: Operation, told_at: datetime) -> dict[str, Any]:
    """An operation as a row, by column."""
    row: dict[str, Any] = {
        "op_id": operation.op_id,
        "after_op_id": operation.after_op_id,
        "destination": operation.destination,
        "kind": operation.kind,
        "list_id": operation.list_id,
        "op": operation.op,
        "key": operation.key,
        "lead_id": operation.lead_id,
        "reason": operation.reason,
        "told_at": told_at.replace(tzinfo=None).isoformat(),
    }
    if operation.kind == "event":
        properties = json.dumps(operation.payload.get("properties") or {}, ensure_ascii=False)
        row |= {"event": operation.payload["event"], "occurred_at": operation.payload["occurred_at"], "properties": properties}
    elif operation.kind == "contact":
        row |= operation.payload
    return row


def _columns(batch: Batch, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The columns of a batch's files with their types, the attributes after those that every file has, by name.

    Raises Refused for an attribute that has a column's name, also in other case, or that a spreadsheet would run.
    """
    columns = dict.fromkeys(COLUMNS, "VARCHAR") | {"told_at": "TIMESTAMP"}
    if batch.kind == "event":
        return columns | dict.fromkeys(EVENT_COLUMNS, "VARCHAR")
    if batch.kind == "contact":
        names = sorted({name for operation in batch.operations for name in operation.payload})
        taken = {column.lower() for column in columns}
        for name in names:
            if name.lower() in taken or not re.match(r"\w", name):
                raise Refused(
                    f"Attribute {name!r} of destination {batch.destination!r} cannot name a column of a file: "
                    "it is there already, or begins with neither letter, digit nor _. Name it otherwise in destination_fields.csv."
                )
            taken.add(name.lower())
            columns[name] = _type([row.get(name) for row in rows])
    return columns


def _type(values: Sequence[Any]) -> str:
    """The type of a column: that of its values, text where they differ."""
    present = [value for value in values if value is not None]
    if all(isinstance(value, bool) for value in present):
        return "BOOLEAN" if present else "VARCHAR"
    if any(isinstance(value, bool) for value in present):
        return "VARCHAR"
    if all(isinstance(value, int) and abs(value) <= BIGGEST for value in present):
        return "BIGINT"
    if all(isinstance(value, int | float) for value in present):
        return "DOUBLE"
    return "VARCHAR[]" if all(isinstance(value, list) for value in present) else "VARCHAR"


def _write(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], stem: Path) -> None:
    """Write rows as <stem>.parquet and <stem>.csv, each whole or not at all, and onto the disk. A list is JSON in the CSV."""
    structure = {name: ["VARCHAR"] if kind == "VARCHAR[]" else kind for name, kind in columns.items()}
    parquet, csv = (stem.with_name(f"{stem.name}{ending}") for ending in (".parquet", ".csv"))
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            create table operations as
            select unnest(from_json(line, {quoted(json.dumps(structure))}))
            from (select unnest(string_split(?, chr(10))) as line)
            """,
            # One text goes over to DuckDB in no time; a list of a hundred thousand takes seconds. In JSON a line feed is always escaped.
            ["\n".join(json.dumps(row) for row in rows)],
        )
        part = parquet.with_name(f"{parquet.name}.part")
        connection.execute(f"copy operations to {quoted(str(part))} (format parquet)")
        shown = ", ".join(
            f"cast(to_json({identifier(name)}) as varchar) as {identifier(name)}" if kind == "VARCHAR[]" else identifier(name)
            for name, kind in columns.items()
        )
        write_csv(connection, f"select {shown} from operations", csv)
    # Last, for it cannot fail as writing can: either both files are there, or none.
    part.replace(parquet)
    # The sender writes down that these were accepted: they have to outlive a power failure just as its own lines do.
    for path in (parquet, csv, stem.parent):
        synchronise(path)
