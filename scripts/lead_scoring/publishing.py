"""Publishing: the marts of a whole run, audited and guarded, in a file of their own that one step puts in place. docs/publishing.md says why it is cut like this."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from lead_scoring import __version__, auditing, erasing, pseudonyms, reporting
from lead_scoring.database import READING_ONLY, Row, identifier, quoted, records
from lead_scoring.errors import AUDIT_FAILED, DATA_WRONG, GUARDED, WRONG_USAGE, CommandError, engine_error
from lead_scoring.locks import locked
from lead_scoring.project import shown_path

DATABASE = "lead_scoring.duckdb"
PSEUDONYMOUS = "lead_scoring_pseudonymous.duckdb"
MANIFEST = "manifest.json"
VERSION = re.compile(r"(?P<number>\d{6})-(?P<as_of_date>\d{4}-\d{2}-\d{2})-(?P<run>[0-9a-f]{8})")
VERSIONS_KEPT = 3

# Read by this version of DuckDB and everything newer.
STORAGE_VERSION = "v1.2.0"


@dataclass(frozen=True)
class Version:
    """A published version: its folder, its number, and what its manifest says."""

    folder: Path
    number: int
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of its folder: number, as_of_date and the start of the run_id."""
        return self.folder.name


@dataclass(frozen=True)
class Published:
    """What came of publishing: the version, or why there is none; warnings of the guards; how many people were purged from all files."""

    version: Version | None
    reason: str
    warnings: Sequence[str]
    purged: int = 0


# --------------------------------------------------------------------------------------------------------------------
# The folder of versions
# --------------------------------------------------------------------------------------------------------------------


def published_folder(database: Path) -> Path:
    """The folder that LEAD_SCORING_PUBLISHED names, or the one beside the database."""
    named = os.environ.get("LEAD_SCORING_PUBLISHED")
    return Path(named).expanduser().absolute() if named else database.with_name(f"{database.stem}_published")


def versions(folder: Path) -> list[Version]:
    """The versions that are kept, the oldest first."""
    found = []
    for path in sorted((folder / "versions").glob("*")):
        name = VERSION.fullmatch(path.name)
        if name:
            manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
            found.append(Version(path, int(name["number"]), manifest))
    return found


def current(folder: Path) -> Version | None:
    """The version that readers see."""
    link = folder / "current"
    if not link.is_symlink():
        return None
    target = link.resolve()
    return next((version for version in versions(folder) if version.folder == target), None)


def versions_kept() -> int:
    """How many versions stay, by LEAD_SCORING_VERSIONS_KEPT. Raises CommandError (2) when that is no number above 0."""
    named = os.environ.get("LEAD_SCORING_VERSIONS_KEPT", str(VERSIONS_KEPT))
    if not named.isdigit() or int(named) < 1:
        raise CommandError(f"LEAD_SCORING_VERSIONS_KEPT is {named}; it takes a whole number above 0.", WRONG_USAGE)
    return int(named)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder against other publications; what a killed one left half-made is removed."""
    with locked(folder / "lock", what=shown_path(folder)):
        for left_over in [*(folder / "versions").glob("*.making"), *folder.glob("current.*")]:
            remove(left_over)
        yield


def remove(path: Path) -> None:
    """Remove a file, a link or a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def point_to(folder: Path, version: Path) -> None:
    """Let readers see a version: one rename, which is there whole after a crash or not at all."""
    link = folder / f"current.{os.getpid()}"
    try:
        link.symlink_to(Path("versions") / version.name, target_is_directory=True)
    except OSError as error:
        raise CommandError(f"{shown_path(folder)} cannot hold links, which publishing needs: {error}") from error
    link.replace(folder / "current")
    synchronise(folder)


def synchronise(path: Path) -> None:
    """Have the disk hold what was written to a file or into a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def checksum(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --------------------------------------------------------------------------------------------------------------------
# What was built
# --------------------------------------------------------------------------------------------------------------------


@contextmanager
def engine(database: Path, folder: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A connection with the database attached for reading, and the name, quoted, that DuckDB gives it. Raises CommandError in place of DuckDB's errors."""
    try:
        with duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}) as connection:
            connection.execute(f"set memory_limit = {quoted(os.environ.get('LEAD_SCORING_MEMORY', '4GB'))}")
            connection.execute(f"set temp_directory = {quoted(str(folder / 'lock.tmp'))}")
            connection.execute(f"attach {quoted(str(database))} as {identifier(database.stem)} (read_only)")
            yield connection, identifier(database.stem)
    except (duckdb.Error, OSError) as error:
        raise engine_error(str(error), shown_path(database)) or CommandError(f"{shown_path(database)}: {error}") from error
    finally:
        shutil.rmtree(folder / "lock.tmp", ignore_errors=True)


def relations_of(connection: duckdb.DuckDBPyConnection, built: str) -> dict[str, str]:
    """Whatever the database holds beside raw data: what stands for each name, quoted for SQL."""
    found = connection.execute(
        "select table_name, table_schema from information_schema.tables where table_catalog = ?"
        " and not starts_with(table_schema, 'raw_') and table_schema not in ('runs', 'restated', 'marts')",
        [built.strip('"')],
    ).fetchall()
    return {name: f"{built}.{identifier(schema)}.{identifier(name)}" for name, schema in found}


def whole_run(connection: duckdb.DuckDBPyConnection, built: str, database: Path) -> Row:
    """The run that the database holds whole: run_id, as_of_date, is_question, and the marts that it made. Raises CommandError when it holds none."""
    try:
        found = records(connection, f"select * from {built}.runs.complete")
    except duckdb.CatalogException:
        found = []
    if not found:
        raise CommandError(
            f"{shown_path(database)} holds no whole run: the last one failed, was killed or made only some models. Run `make build`; what is published stands."
        )
    return found[0]


def settle(database: Path) -> None:
    """Lift the reserve on the log where the run that awaits its publication was published and the process was killed right then."""
    version = current(published_folder(database))
    if version is None or not database.exists():
        return
    with duckdb.connect(str(database)) as connection:
        try:
            if connection.execute("select run_id from runs.complete").fetchall() == [(version.manifest["run_id"],)]:
                connection.execute("delete from runs.awaited")
        except duckdb.CatalogException:
            return


# --------------------------------------------------------------------------------------------------------------------
# Publishing
# --------------------------------------------------------------------------------------------------------------------


def publish(
    database: Path, accept_guards: bool = False, is_tested: bool = False, is_dated: bool = True, is_new: bool = False
) -> Published:
    """Publish the run that the database holds, unless it answers a question about the past. The caller holds the database.

    ``is_tested`` says that dbt has run the tests, ``is_dated`` that somebody named the as_of_date, ``is_new`` that the run began the
    database. Raises CommandError: nothing whole to publish (1), a setting that makes no sense (2), stopped by a guard or a clock that
    jumped back (3), the audit failed (4), another publication at work (5), no room (6).
    """
    folder, secret, kept = published_folder(database), pseudonyms.secret(), versions_kept()
    (folder / "versions").mkdir(parents=True, exist_ok=True)
    with held(folder):
        before = current(folder)
        made: Path | None = None
        with engine(database, folder) as (connection, built):
            run = whole_run(connection, built, database)
            told = reporting.collect(connection, built, run)
            erased = erasing.pending(connection, built)
            lines_are_kept = erasing.lines_are_kept(connection, built)
            reason = reason_against(run, before)
            stops = [] if accept_guards else [row for row in told["guards"] if row["status"] == "stop"]
            audit = auditing.Audit()
            if not reason and not stops:
                made = folder / "versions" / f"{next_name(folder, run)}.making"
                audit = make_version(connection, built, made, run, told, erased, is_tested, secret)
        told |= {"audit": asdict(audit) | {"by_dbt": is_tested}, "published": made is not None and not audit.broken}
        reporting.write(folder, "last_run", told)
        version = before
        if made and not audit.broken:
            seal(made, run, told)
            version = put_in_place(folder, made)
            lift_reserve(database)
            prune(folder, version, kept)
        elif made:
            remove(made)
        if erased:
            # An erasure waits for nobody: what is not published anew is published without these people.
            if before and version == before:
                version = put_in_place(folder, without(folder, before, erased, told["told_at"]))
            for other in versions(folder):
                if version is None or other.folder != version.folder:
                    remove(other.folder)
            erasing.purge(database, erased, told["told_at"], is_new)
        # What was read of text files is left out of the copy: every run reads them anew, with the lines of the erased.
        if lines_are_kept and (is_new or not erased):
            erasing.rewrite(database)
    if audit.broken:
        raise broken_error(audit, version)
    if reason and not run["is_question"] and not is_dated:
        raise CommandError(
            f"Not published: {reason}. Nobody named the date: has the clock jumped back? Set it right and build again; {stands(version)}",
            GUARDED,
        )
    if stops and not reason:
        raise guards_error(stops, version, len(erased.people))
    warnings = [reporting.guard_in_words(row) for row in told["guards"] if row["status"] != "ok"]
    return Published(None if reason else version, reason, warnings, len(erased.people))


def reason_against(run: Row, before: Version | None) -> str:
    """Why a run is not to be published though nothing is wrong with it; empty when it is."""
    if run["is_question"]:
        return "with known_at it answers a question about the past"
    if before is None or run["as_of_date"] >= date.fromisoformat(before.manifest["as_of_date"]):
        return ""
    return f"its date, {run['as_of_date']}, lies before {before.manifest['as_of_date']}, which is published"


def next_name(folder: Path, run: Row) -> str:
    """A name that no version ever had: numbers count up, whatever the clock says."""
    counted = folder / "versions" / "last_number"
    last = int(counted.read_text(encoding="ascii")) if counted.exists() else 0
    number = max([last, *(version.number for version in versions(folder))]) + 1
    counted.write_text(str(number), encoding="ascii")
    return f"{number:06d}-{run['as_of_date']}-{hashlib.md5(run['run_id'].encode(), usedforsecurity=False).hexdigest()[:8]}"


def tables_with_leads(connection: duckdb.DuckDBPyConnection, built: str) -> set[str]:
    """The names of the marts that tell something of a lead in each row."""
    found = connection.execute(
        "select table_name from information_schema.columns"
        " where table_catalog = ? and table_schema = 'marts' and column_name = 'lead_id'",
        [built.strip('"')],
    ).fetchall()
    return {name for (name,) in found}


def make_version(
    connection: duckdb.DuckDBPyConnection,
    built: str,
    making: Path,
    run: Row,
    told: dict[str, Any],
    erased: erasing.Erased,
    is_tested: bool,
    secret: bytes | None,
) -> auditing.Audit:
    """Write the marts into a new folder and audit them there."""
    making.mkdir()
    marts = run["marts"]
    connection.execute(f"attach {quoted(str(making / DATABASE))} as published (storage_version {quoted(STORAGE_VERSION)})")
    connection.execute("create schema published.marts")
    told["tables"] = {}
    by_lead = tables_with_leads(connection, built)
    for name in marts:
        # In the order of the leads a lead is found by reading a few row groups of a table, however large it is.
        order = " order by lead_id" if name in by_lead else ""
        connection.execute(
            f"create table published.marts.{identifier(name)} as select * from {built}.marts.{identifier(name)}{order}"
        )
        told["tables"][name] = connection.execute(f"select count(*) from published.marts.{identifier(name)}").fetchall()[0][0]
    connection.execute("create schema published.publication")
    connection.execute(
        "create table published.publication.run as"
        " select ? as version, ? as run_id, cast(? as date) as as_of_date, ? as grid_version, cast(? as timestamp) as published_at",
        [making.name.removesuffix(".making"), run["run_id"], run["as_of_date"], told["grid_version"], told["told_at"]],
    )
    erasing.write_proof(connection, built, "published.publication.erasures", erased, told["told_at"])
    relations = relations_of(connection, built) | {name: f"published.marts.{identifier(name)}" for name in marts}
    # What dbt has tested is copied; that it is of this run costs nothing to ask.
    audit = auditing.Audit(passed=1) if is_tested else auditing.audit(connection, relations)
    others = connection.execute(
        "select count(*) from published.marts.fct_lead_scores where run_id <> ?", [run["run_id"]]
    ).fetchall()[0][0]
    if others:
        audit.broken["fct_lead_scores is of the run that is published"] = others
    if secret and not audit.broken:
        pseudonyms.write(connection, making / PSEUDONYMOUS, marts, secret, STORAGE_VERSION)
    connection.execute("detach published")
    return audit


def seal(making: Path, run: Row, told: Mapping[str, Any]) -> None:
    """Write manifest and report, and have the disk hold every file before anything points to it."""
    files = sorted(making.glob("*.duckdb"))
    if list(making.glob("*.wal")):
        raise CommandError(f"{shown_path(making)} was not written to the end.")
    manifest = {
        "version": making.name.removesuffix(".making"),
        "run_id": run["run_id"],
        "as_of_date": run["as_of_date"],
        "grid_version": told["grid_version"],
        "published_at": told["told_at"],
        "lead_scoring": __version__,
        "duckdb": duckdb.__version__,
        "tables": told["tables"],
        "files": {file.name: {"bytes": file.stat().st_size, "sha256": checksum(file)} for file in files},
        "guards_overruled": [row for row in told["guards"] if row["status"] == "stop"],
    }
    (making / MANIFEST).write_text(reporting.as_text(manifest), encoding="utf-8")
    reporting.write(making, "report", told)
    for file in making.iterdir():
        file.chmod(0o444)
        synchronise(file)
    synchronise(making)


def put_in_place(folder: Path, making: Path) -> Version:
    """Give a sealed version its name and let readers see it."""
    final = making.with_name(making.name.removesuffix(".making"))
    making.rename(final)
    synchronise(final.parent)
    point_to(folder, final)
    version = current(folder)
    assert version is not None
    return version


def lift_reserve(database: Path) -> None:
    """From now on the history says that this was published."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table if not exists runs.awaited (publication int)")
        connection.execute("delete from runs.awaited")


def prune(folder: Path, version: Version, kept: int) -> None:
    """Remove all versions but the newest ones, and never the one that readers see."""
    for old in versions(folder)[:-kept]:
        if old.folder != version.folder:
            remove(old.folder)


def without(folder: Path, version: Version, erased: erasing.Erased, at: str) -> Path:
    """Write a new version: a published one without some people. The pseudonymous file, which knows nobody by these ids, is left out."""
    run = {"run_id": version.manifest["run_id"], "as_of_date": version.manifest["as_of_date"]}
    making = folder / "versions" / f"{next_name(folder, run)}.making"
    making.mkdir()
    told = json.loads((version.folder / "report.json").read_text(encoding="utf-8"))
    with engine(version.folder / DATABASE, folder) as (connection, built):
        connection.execute(f"attach {quoted(str(making / DATABASE))} as published (storage_version {quoted(STORAGE_VERSION)})")
        for name, schema in connection.execute(
            f"select table_name, table_schema from information_schema.tables where table_catalog = {quoted(built.strip(chr(34)))} order by all"
        ).fetchall():
            relation = f"{identifier(schema)}.{identifier(name)}"
            ids = [
                column
                for (column,) in connection.execute(
                    "select column_name from information_schema.columns where table_catalog = ? and table_schema = ? and table_name = ? and ends_with(column_name, 'lead_id')",
                    [built.strip('"'), schema, name],
                ).fetchall()
            ]
            condition = " or ".join(f"{identifier(column)} in (select unnest(?::varchar[]))" for column in ids) or "false"
            connection.execute(f"create schema if not exists published.{identifier(schema)}")
            connection.execute(
                f"create table published.{relation} as select * from {built}.{relation} where not coalesce({condition}, false)",
                [list(erased.lead_ids) for _ in ids],
            )
            if schema == "marts":
                told["tables"][name] = connection.execute(f"select count(*) from published.{relation}").fetchall()[0][0]
        connection.execute("update published.publication.run set version = ?", [making.name.removesuffix(".making")])
        connection.execute("insert into published.publication.erasures values (?, ?)", [at, len(erased.people)])
        connection.execute("detach published")
    seal(making, run, told)
    return making


def broken_error(found: auditing.Audit, before: Version | None) -> CommandError:
    """What the audit found, for people."""
    lines = [f"{name}: broken by {count:,} {'row' if count == 1 else 'rows'}" for name, count in sorted(found.broken.items())]
    return CommandError(
        "\n".join([*lines, f"The audit failed, so nothing was published; {stands(before)}"]),
        AUDIT_FAILED,
        broken=dict(found.broken),
    )


def guards_error(stops: Sequence[Row], before: Version | None, purged: int) -> CommandError:
    """What the guards found, and how to overrule them."""
    lines = [reporting.guard_in_words(row) for row in stops]
    lines.append(f"Stopped by {'a guard' if len(stops) == 1 else 'guards'}, so nothing was published; {stands(before)}")
    if purged:
        lines.append(
            f"{purged:,} erased {'person was' if purged == 1 else 'people were'} taken out of what is published all the same."
        )
    lines.append("If this is as it should be: make publish ARGS=--accept-guards. The limits stand in seeds/guards.csv.")
    return CommandError("\n".join(lines), GUARDED, guards=list(stops))


def stands(before: Version | None) -> str:
    """What readers see meanwhile."""
    return (
        f"readers see version {before.number}, for {before.manifest['as_of_date']}." if before else "there was no version before."
    )


# --------------------------------------------------------------------------------------------------------------------
# Going back
# --------------------------------------------------------------------------------------------------------------------


def rollback(database: Path, number: int | None = None) -> Version:
    """Let readers see an earlier version: the one before the current one, or the one of a number.

    Raises CommandError: there is none (2), or its files are not what its manifest says (1).
    """
    folder = published_folder(database)
    if not (folder / "versions").is_dir():
        raise CommandError(f"Nothing was ever published in {shown_path(folder)}.", WRONG_USAGE)
    with held(folder):
        kept, seen = versions(folder), current(folder)
        if number is None:
            earlier = [version for version in kept if seen is None or version.number < seen.number]
            chosen = earlier[-1] if earlier else None
        else:
            chosen = next((version for version in kept if version.number == number), None)
        if chosen is None:
            numbers = ", ".join(str(version.number) for version in kept) or "none"
            raise CommandError(
                f"There is no {'earlier version' if number is None else f'version {number}'} to go back to; kept are {numbers}.",
                WRONG_USAGE,
            )
        for name, said in chosen.manifest["files"].items():
            if not (chosen.folder / name).exists() or checksum(chosen.folder / name) != said["sha256"]:
                raise CommandError(
                    f"{shown_path(chosen.folder / name)} is not the file that was published; nothing was changed.", DATA_WRONG
                )
        point_to(folder, chosen.folder)
        return chosen


def connect(folder: Path, name: str = DATABASE) -> duckdb.DuckDBPyConnection:
    """Open what is published as a reader should: nothing but reading these tables."""
    return duckdb.connect(str(folder / "current" / name), read_only=True, config=READING_ONLY)
