"""What a command says when it cannot go on. Exit codes are those of docs/interfaces.md section 5."""

from __future__ import annotations

import re

DATA_WRONG = 1
WRONG_USAGE = 2
GUARDED = 3
AUDIT_FAILED = 4
LOCKED = 5
OUT_OF_RESOURCES = 6


class CommandError(Exception):
    """Ends a command: a message for people, an exit code, and what --json adds to it."""

    def __init__(self, message: str, exit_code: int = DATA_WRONG, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
        self.details = details


LOCK_HOLDER = re.compile(r"Conflicting lock is held in (?P<program>.*?) \(PID (?P<pid>\d+)\)")
LOCK_WORDS = ("Could not set lock on file", "Conflicting lock is held", "being used by another process")
RESOURCE_WORDS = (
    "No space left on device",
    "Out of Memory",
    "OutOfMemory",
    "failed to allocate",
    "could not allocate",
    "failed to offload",
    "max_temp_directory_size",
    "Disk quota exceeded",
)


def engine_error(text: str, database: str) -> CommandError | None:
    """The errors of the machine rather than of the data that a text of DuckDB or dbt tells of; None when it tells of none."""
    if any(word in text for word in LOCK_WORDS):
        holder = LOCK_HOLDER.search(text)
        if holder:
            program = holder["program"].replace("\\", "/").rsplit("/", 1)[-1]
            return CommandError(
                f"{database} is in use by {program} (process {holder['pid']}). Try again when it has finished.",
                LOCKED,
                pid=int(holder["pid"]),
            )
        return CommandError(f"{database} is in use by another program. Try again when it has finished.", LOCKED)
    for word in RESOURCE_WORDS:
        if word.lower() in text.lower():
            what = (
                "The disk is full"
                if word in ("No space left on device", "Disk quota exceeded")
                else "There is not enough memory or temporary disk space"
            )
            line = next((line.strip() for line in text.splitlines() if word.lower() in line.lower()), word)
            return CommandError(
                f"{what}: {line}\nNothing that was published has changed. LEAD_SCORING_MEMORY sets how much memory a build may use.",
                OUT_OF_RESOURCES,
            )
    return None
