"""One run at a time: a lock on a file beside what is written, held as long as the process lives."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from lead_scoring.errors import LOCKED, CommandError
from lead_scoring.project import shown_path

if sys.platform != "win32":
    import fcntl


@contextmanager
def locked(path: Path, wait: bool = False, what: str = "", doing: str = "built") -> Iterator[None]:
    """Hold the lock file; where another process holds it wait for it, or say which one it is (exit code 5)."""
    if sys.platform == "win32":
        # DuckDB's own lock is all there is.
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # The file stays: a lock file that is removed can be held by two processes under one name.
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError as error:
            file.seek(0)
            holder = file.read().strip()
            named = f" (process {holder})" if holder.isdigit() else ""
            details = {"pid": int(holder)} if holder.isdigit() else {}
            raise CommandError(
                f"{what} is being {doing} by another run{named}. Try again when it has finished.", LOCKED, **details
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def database_locked(database: Path) -> AbstractContextManager[None]:
    """Hold a database against other runs of ours, by the lock file beside it."""
    return locked(database.with_name(f"{database.name}.lock"), what=shown_path(database))
