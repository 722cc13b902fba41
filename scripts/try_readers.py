"""Read what is published with other people's tools, each in an environment of its own: ``make try-readers``.

Every reader has to find what DuckDB 1.5.5, which wrote it, finds. Needs a package registry, and is therefore no part of CI.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import typer
from environments import TOOLS, python_in
from lead_scoring.database import READING_ONLY
from lead_scoring.project import database_path, shown_path
from lead_scoring.publishing import DATABASE, published_folder

ENVIRONMENTS = TOOLS / "readers"

# What is compared: numbers, decimals, dates and text, out of every kind of mart. Each is one number or one text.
FIGURES = {
    "leads": "select count(*) from marts.dim_leads",
    "addresses": "select count(distinct email) from marts.dim_leads",
    "scores": "select sum(score) from marts.fct_lead_scores",
    "exact scores": "select cast(sum(score_exact) as varchar) from marts.fct_lead_scores",
    "ledger": "select cast(sum(points) as varchar) from marts.fct_lead_score_contributions",
    "rows read": "select sum(row_count) from marts.rpt_source_rows",
    "as of": "select cast(max(as_of_date) as varchar) from marts.fct_lead_scores",
}

Figures = dict[str, str]

# Each program runs in the reader's environment. It is told what to read, and prints what it found, as JSON.
DUCKDB = """
import duckdb, json, sys
told = json.loads(sys.argv[1])
with duckdb.connect(told["database"], read_only=True, config=told["settings"]) as connection:
    print(json.dumps({name: str(connection.execute(query).fetchone()[0]) for name, query in told["figures"].items()}))
"""

SQLALCHEMY = """
import json, sys
from sqlalchemy import create_engine, func, inspect, select, table, text
from sqlalchemy.pool import NullPool
told = json.loads(sys.argv[1])
connect_args = {"read_only": True, "config": told["settings"]}
engine = create_engine("duckdb:///" + told["database"], poolclass=NullPool, connect_args=connect_args)
# No Table(autoload_with=engine): duckdb-engine 0.17.0 cannot say the foreign keys that SQLAlchemy 2 asks for.
assert "fct_lead_scores" in inspect(engine).get_table_names(schema="marts")
assert "email" in {column["name"] for column in inspect(engine).get_columns("dim_leads", schema="marts")}
with engine.connect() as connection:
    found = {name: str(connection.execute(text(query)).scalar()) for name, query in told["figures"].items()}
    found["leads"] = str(connection.execute(select(func.count()).select_from(table("dim_leads", schema="marts"))).scalar())
print(json.dumps(found))
"""

COMMAND_LINE = """
import json, os, subprocess, sys
from pathlib import Path
told = json.loads(sys.argv[1])
command = [str(Path(sys.executable).with_name("duckdb")), "-readonly", "-init", os.devnull, "-list", "-noheader"]
for name, value in told["settings"].items():
    # What only a program can be given is nothing to this one.
    if name != "python_enable_replacements":
        command += ["-cmd", f"set {name} = {value}"]
def ask(query):
    return subprocess.run([*command, told["database"], query], check=True, capture_output=True, text=True).stdout.strip()
print(json.dumps({name: ask(query) for name, query in told["figures"].items()}))
"""

PYARROW = """
import json, sys
import pyarrow.compute as compute
import pyarrow.parquet as parquet
told = json.loads(sys.argv[1])
def column(table, name):
    return parquet.read_table(f"{told['parquet']}/{table}.parquet", columns=[name])[name]
print(json.dumps({
    "leads": str(len(column("dim_leads", "lead_id"))),
    "addresses": str(compute.count_distinct(column("dim_leads", "email"), mode="only_valid").as_py()),
    "scores": str(compute.sum(column("fct_lead_scores", "score")).as_py()),
    "exact scores": str(compute.sum(column("fct_lead_scores", "score_exact")).as_py()),
    "ledger": str(compute.sum(column("fct_lead_score_contributions", "points")).as_py()),
    "rows read": str(compute.sum(column("rpt_source_rows", "row_count")).as_py()),
    "as of": str(compute.max(column("fct_lead_scores", "as_of_date")).as_py()),
}))
"""

DATA_FRAMES = """
import json, sys
import {library} as library
told = json.loads(sys.argv[1])
def column(table, name):
    return library.read_parquet(f"{{told['parquet']}}/{{table}}.parquet", columns=[name])[name]
print(json.dumps({{
    "leads": str(len(column("dim_leads", "lead_id"))),
    "addresses": str({distinct}),
    "scores": str(column("fct_lead_scores", "score").sum()),
    "exact scores": str(column("fct_lead_scores", "score_exact").sum()),
    "ledger": str(column("fct_lead_score_contributions", "points").sum()),
    "rows read": str(column("rpt_source_rows", "row_count").sum()),
    "as of": str(column("fct_lead_scores", "as_of_date").max())[:10],
}}))
"""
PANDAS = DATA_FRAMES.format(library="pandas", distinct='column("dim_leads", "email").nunique()')
POLARS = DATA_FRAMES.format(library="polars", distinct='column("dim_leads", "email").drop_nulls().n_unique()')

# What connections see once a link is put onto another version. The first argument of each is the link.
SWAPPED_DUCKDB = """
import duckdb, json, os, sys
told = json.loads(sys.argv[1])
def connected():
    return duckdb.connect(told["link"] + "/" + told["name"], read_only=True)
def version(connection):
    return connection.execute("select version from publication.run").fetchone()[0]
kept = connected()
version(kept)
os.symlink(told["new"], told["link"] + ".new")
os.replace(told["link"] + ".new", told["link"])
found = {"a connection that stays open": version(kept)}
beside = connected()
found["a new one beside it"] = version(beside)
beside.close()
kept.close()
found["a new one once all are closed"] = version(connected())
print(json.dumps(found))
"""

SWAPPED_SQLALCHEMY = """
import json, os, sys
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool, QueuePool
told = json.loads(sys.argv[1])
def version(engine):
    with engine.connect() as connection:
        return connection.execute(text("select version from publication.run")).scalar()
def made(pool, name):
    # Two engines on one path would share an instance of DuckDB, and one would keep the old file open for the other.
    return create_engine(f"duckdb:///{told['link']}/{name}", poolclass=pool, connect_args={"read_only": True})
pooled, unpooled = made(QueuePool, told["name"]), made(NullPool, told["same"])
version(pooled), version(unpooled)
os.symlink(told["new"], told["link"] + ".new")
os.replace(told["link"] + ".new", told["link"])
print(json.dumps({"QueuePool": version(pooled), "NullPool": version(unpooled)}))
"""

OLD, NEW = "the old version", "the new version"


@dataclass(frozen=True)
class Reader:
    """A tool that people read with: the packages that it is, the program that reads, and what it has to see after a version was replaced."""

    name: str
    packages: tuple[str, ...]
    program: str
    swapped: str = ""
    sees: Mapping[str, str] | None = None

    @property
    def environment(self) -> Path:
        """The folder of its environment, named after its versions, so that another version is another environment."""
        return ENVIRONMENTS / "-".join(package.replace("==", "-") for package in self.packages)


KEPT, BESIDE, ALONE = "a connection that stays open", "a new one beside it", "a new one once all are closed"
SEES = {KEPT: OLD, BESIDE: NEW, ALONE: NEW}
# It goes by the path, so that a process that keeps a connection open keeps the file.
SEES_1_4 = {**SEES, BESIDE: OLD}

READERS = (
    Reader("DuckDB for Python", ("duckdb==1.5.5",), DUCKDB, SWAPPED_DUCKDB, SEES),
    Reader("DuckDB for Python", ("duckdb==1.4.5",), DUCKDB, SWAPPED_DUCKDB, SEES_1_4),
    Reader("DuckDB for Python", ("duckdb==2.0.0",), DUCKDB, SWAPPED_DUCKDB, SEES),
    Reader("DuckDB's command line", ("duckdb-cli==1.5.6",), COMMAND_LINE),
    Reader("DuckDB's command line", ("duckdb-cli==1.4.4.post2",), COMMAND_LINE),
    *(
        Reader(
            "SQLAlchemy",
            (f"sqlalchemy=={version}", "duckdb-engine==0.17.0", "duckdb==1.5.5"),
            SQLALCHEMY,
            SWAPPED_SQLALCHEMY,
            {"QueuePool": OLD, "NullPool": NEW},
        )
        for version in ("1.4.54", "2.0.58")
    ),
    Reader("PyArrow on Parquet", ("pyarrow==26.0.1",), PYARROW),
    Reader("pandas on Parquet", ("pandas==3.1.1", "pyarrow==26.0.1"), PANDAS),
    Reader("Polars on Parquet", ("polars==2.1.0",), POLARS),
)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]})


def read_by_us(database: Path) -> Figures:
    """What DuckDB finds in this environment, the one that wrote the file: what all others have to find."""
    with duckdb.connect(str(database), read_only=True, config=dict(READING_ONLY)) as connection:
        found = {name: connection.execute(query).fetchall()[0][0] for name, query in FIGURES.items()}
    return {name: str(value) for name, value in found.items()}


def write_parquet(database: Path, folder: Path) -> None:
    """Write every mart into a Parquet file, as anybody can with DuckDB."""
    folder.mkdir(parents=True)
    with duckdb.connect(str(database), read_only=True) as connection:
        marts = connection.execute("select table_name from information_schema.tables where table_schema = 'marts'").fetchall()
        for (mart,) in marts:
            connection.execute(f"copy marts.{mart} to '{folder / mart}.parquet' (format parquet, compression zstd)")


def write_versions(database: Path, folder: Path) -> dict[str, str]:
    """Two versions of a database in folders of their own, and a link to the old one: what publishing makes, in small."""
    told = {"link": str(folder / "current"), "new": str(folder / "new"), "name": DATABASE, "same": f"same_{DATABASE}"}
    for name, version in (("old", OLD), ("new", NEW)):
        (folder / name).mkdir(parents=True)
        copy = folder / name / DATABASE
        shutil.copyfile(database, copy)
        with duckdb.connect(str(copy)) as connection:
            connection.execute("update publication.run set version = ?", [version])
        shutil.copyfile(copy, folder / name / told["same"])
    Path(told["link"]).symlink_to(folder / "old")
    return told


def run(python: Path, program: str, told: Mapping[str, object]) -> Figures:
    """What a program prints. Raises RuntimeError with the last line that it said where it fails."""
    done = subprocess.run([str(python), "-c", program, json.dumps(told)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it said nothing"])[-1])
    found: Figures = json.loads(done.stdout)
    return found


def differences(found: Mapping[str, str], expected: Mapping[str, str]) -> list[str]:
    """What was found and is not what it has to be, each in words."""
    return [f"{name}: {found.get(name)}, not {value}" for name, value in expected.items() if found.get(name) != value]


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of text in columns; the first row is the heading."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


@app.command(epilog="Exit codes: 0 all read the same; 1 a reader failed or read something else; 2 nothing is published yet.")
def main() -> None:
    """Read what is published with every reader, and compare with what DuckDB reads that wrote it."""
    # Resolved once, so that all readers read one version whatever is published meanwhile.
    database = (published_folder(database_path()) / "current" / DATABASE).resolve()
    if not database.exists():
        typer.echo("Nothing is published yet: run `make demo` or `make build`.", err=True)
        raise typer.Exit(2)
    expected = read_by_us(database)
    rows = [["reader", "packages", *FIGURES, "verdict"]]
    after: list[str] = []
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        parquet = Path(scratch) / "parquet"
        write_parquet(database, parquet)
        told = {"database": str(database), "parquet": str(parquet), "figures": FIGURES, "settings": READING_ONLY}
        for number, reader in enumerate(READERS):
            what = f"{reader.name}, {', '.join(reader.packages)}"
            try:
                python = python_in(reader.environment, reader.packages)
                found = run(python, reader.program, told)
                wrong = differences(found, expected)
                if reader.sees:
                    seen = run(python, reader.swapped, write_versions(database, Path(scratch) / str(number)))
                    wrong += differences(seen, reader.sees)
                    after += [f"{what}: {name} reads {version}" for name, version in seen.items()]
            except (RuntimeError, subprocess.CalledProcessError) as error:
                found, wrong = {}, [str(error)]
            faults += [f"{what}: {fault}" for fault in wrong]
            rows.append([
                reader.name, " ".join(reader.packages), *(found.get(name, "") for name in FIGURES), "differs" if wrong else "same",
            ])  # fmt: skip
    typer.echo(f"{shown_path(database)}\n\n{table(rows)}\n\nAfter a version was replaced:\n" + "\n".join(after))
    if faults:
        typer.echo("\n" + "\n".join(faults), err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
