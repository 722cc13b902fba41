"""The only module that calls dbt: as a subprocess over its JSON log, so that any dbt that writes one will do."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lead_scoring.errors import WRONG_USAGE, CommandError, engine_error
from lead_scoring.project import PROJECT, environment

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
MISSING_COLUMN = re.compile(r"^(?P<table>\S+) has no column (?P<column>\S+); it is null\.$")
MACRO_TRACE = re.compile(r"^\s*(> in|> called by|compiled code at)\b.*$", re.MULTILINE)

# Called with how many nodes are done, how many there are, and what is being worked on.
Progress = Callable[[int, int, str], None]


@dataclass
class Node:
    """A node that did not succeed: a model, seed or test, with dbt's words about it."""

    unique_id: str
    name: str
    resource_type: str
    status: str
    message: str = ""


@dataclass
class Run:
    """What a call of dbt came to."""

    exit_code: int = 0
    notices: list[str] = field(default_factory=list)
    failed: list[Node] = field(default_factory=list)
    warned: list[Node] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)
    seconds: float = 0.0
    statistics: dict[str, int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All that was said about what went wrong."""
        return "\n".join([*self.errors, *(node.message for node in self.failed), *self.stray])


def find() -> str:
    """The dbt that was installed beside this Python, else the one on the path."""
    beside = Path(sys.executable).with_name("dbt.exe" if os.name == "nt" else "dbt")
    found = str(beside) if beside.exists() else shutil.which("dbt")
    if not found:
        raise CommandError(
            "dbt is not installed beside this Python. `make demo` sets up .venv with all that is needed.", WRONG_USAGE
        )
    return found


def run(
    arguments: Sequence[str],
    variables: Mapping[str, Any] | None = None,
    extra_environment: Mapping[str, str] | None = None,
    on_progress: Progress | None = None,
) -> Run:
    """Call dbt in the project and read its log until it ends."""
    command = [find(), *arguments, "--log-format", "json", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    if variables:
        command += ["--vars", json.dumps(dict(variables))]
    result = Run()
    messages: dict[str, Node] = {}
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env={**environment(), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", **(extra_environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            _read(line, result, messages, on_progress)
        result.exit_code = process.wait()
    finally:
        # Ctrl-C reaches dbt as well; it is given time to end its transaction.
        if process.poll() is None:
            process.terminate()
            process.wait()
    result.notices = grouped(result.notices)
    for node in messages.values():
        (result.failed if node.status in ("fail", "error", "runtime error") else result.warned).append(node)
    return result


def _read(line: str, result: Run, messages: dict[str, Node], on_progress: Progress | None) -> None:
    """Take what is of use from one line of the log."""
    try:
        entry = json.loads(line)
        info, data = entry["info"], entry["data"]
    except (ValueError, KeyError, TypeError):
        if line.strip():
            result.stray.append(line.rstrip())
        return
    name, message = info.get("name", ""), COLOURS.sub("", info.get("msg") or "")
    node = data.get("node_info") or {}
    if name == "JinjaLogInfo":
        result.notices.append(message.removeprefix("Notice: "))
    elif name == "StatsLine":
        result.statistics = {key: int(value) for key, value in data.get("stats", {}).items()}
    elif name == "FinishedRunningStats":
        result.seconds = float(data.get("execution_time") or 0)
    elif info.get("level") == "error" and not node:
        result.errors.append(message)
    if not node.get("unique_id"):
        return
    if on_progress and "index" in data and "total" in data and node.get("resource_type") != "operation":
        on_progress(int(data["index"]), int(data["total"]), node.get("node_name", ""))
    status = str(data.get("status") or node.get("node_status") or "").lower()
    if info.get("level") in ("error", "warn") or status.split(" ")[0] in ("fail", "error", "warn"):
        known = messages.setdefault(
            node["unique_id"],
            Node(node["unique_id"], node.get("node_name", ""), node.get("resource_type", ""), status.split(" ")[0] or "error"),
        )
        if name.startswith("RunResult") and message.strip():
            known.message = "\n".join(part for part in (known.message, message) if part)


def grouped(notices: Sequence[str]) -> list[str]:
    """Notices with the missing columns of a table in one sentence."""
    result: list[str] = []
    columns: dict[str, list[str]] = {}
    for notice in dict.fromkeys(notices):
        missing = MISSING_COLUMN.match(notice)
        if missing:
            columns.setdefault(missing["table"], []).append(missing["column"])
        else:
            result.append(notice)
    for table, names in columns.items():
        result.append(f"{table} has no {', '.join(names)}; {'it is' if len(names) == 1 else 'they are'} null.")
    return result


def plain_message(text: str) -> str:
    """dbt's words without its headings, its trace through macros and its links."""
    text = MACRO_TRACE.sub("", text)
    lines = [line.strip() for line in text.splitlines()]
    lines = [
        line
        for line in lines
        if line
        and not re.match(r"^(Encountered an error:|Compilation Error in |Runtime Error$|Database Error in |Failure in )", line)
    ]
    return "\n".join(lines) or text.strip()


def error_of(result: Run, database: str) -> CommandError:
    """One clear message for a call that failed."""
    known = engine_error(result.text, database)
    if known:
        return known
    parts = [plain_message(message) for message in result.errors if not message.startswith("Traceback")]
    for node in result.failed:
        parts.append(f"{node.resource_type} {node.name}: {plain_message(node.message) or node.status}")
    if not parts:
        parts = result.stray[-5:] or [f"dbt ended with exit code {result.exit_code} and no message."]
    return CommandError("\n".join(dict.fromkeys(parts)), failed=[node.unique_id for node in result.failed])
