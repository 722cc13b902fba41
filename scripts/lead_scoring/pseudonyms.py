"""Marts without direct identifiers: ids become keyed hashes, what names a person is left out. The marts' YAML says of each column what becomes of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import duckdb

from lead_scoring import auditing
from lead_scoring.database import identifier, quoted
from lead_scoring.errors import WRONG_USAGE, CommandError

SECRET = "LEAD_SCORING_PSEUDONYM_SECRET"
LEAST_LENGTH = 16
SCHEMA = "marts_pseudonymous"
BLOCK = 64
KEY_LENGTH = 32


def secret() -> bytes | None:
    """The secret out of the environment; None when there is none. Raises CommandError (2) when it is too short to keep anything secret."""
    named = os.environ.get(SECRET, "")
    if named and len(named) < LEAST_LENGTH:
        raise CommandError(f"{SECRET} has {len(named)} characters; it needs at least {LEAST_LENGTH}.", WRONG_USAGE)
    return named.encode() or None


def write(connection: duckdb.DuckDBPyConnection, file: Path, marts: Sequence[str], key: bytes, storage_version: str) -> None:
    """Write the marts of the attached database ``published`` into a file of their own, in the schema ``marts_pseudonymous``."""
    inner, outer = pads(key)
    declared = auditing.declared_in(auditing.MARTS)
    connection.execute(f"attach {quoted(str(file))} as pseudonymous (storage_version {quoted(storage_version)})")
    connection.execute(f"create schema pseudonymous.{SCHEMA}")
    # The key reaches DuckDB as values of a table in memory, never as text of a statement.
    connection.execute(
        "create temp table pads as select cast(? as blob) as inner_pad, cast(? as blob) as outer_pad", [inner, outer]
    )
    # What is to be sent holds addresses and nothing else that is worth a look.
    for name in (name for name in marts if name in declared):
        kinds = {
            column["name"]: column.get("config", {}).get("meta", {}).get("pseudonymised")
            for column in declared.get(name, {}).get("columns", [])
        }
        selected = []
        for (column,) in connection.execute(
            "select column_name from information_schema.columns where table_catalog = 'published' and table_schema = 'marts' and table_name = ? order by ordinal_position",
            [name],
        ).fetchall():
            # A column that nobody has described is not known to be harmless.
            kind = kinds.get(column, "drop") or "keep"
            if kind == "key":
                hashed = f"unhex(sha256(inner_pad || encode({identifier(column)})))"
                selected.append(f"left(sha256(outer_pad || {hashed}), {KEY_LENGTH}) as {identifier(key_name(column))}")
            elif kind == "keep":
                selected.append(identifier(column))
        connection.execute(
            f"create table pseudonymous.{SCHEMA}.{identifier(name)} as select {', '.join(selected)} from published.marts.{identifier(name)}"
            " cross join pads order by all"
        )
    connection.execute("drop table pads")
    connection.execute("detach pseudonymous")


def pads(key: bytes) -> tuple[bytes, bytes]:
    """The two blocks that HMAC-SHA-256 puts before what it hashes (RFC 2104)."""
    block = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


def key_name(column: str) -> str:
    """What a column of ids is called when it holds keys: ``lead_id`` becomes ``lead_key``."""
    return f"{column.removesuffix('_id')}_key"
