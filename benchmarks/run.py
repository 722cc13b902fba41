"""Measure the contenders in alternation, check their scores against the project's, and say what it came to.

    python -m benchmarks.run --sizes "1 10" --contenders "limit full sql polars chdb python day" --rounds 5

Each run is a process of its own. What is measured is its CPU time (user and system), which does not depend on how many cores there are or
what else the machine does, and the most memory it held at once. Exit code 1 when a contender's scores differ from the project's.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Annotated

import duckdb
import typer

from benchmarks.contenders import CONTENDERS, Contender, Job, project
from benchmarks.generate import LAST_DAY, generate
from benchmarks.seeds import rules, with_other_condition, with_other_points, write_seeds

REPOSITORY = Path(__file__).resolve().parents[1]
DEFAULT_CONTENDERS = "limit full day sql polars chdb python"
WATCH_SECONDS = 0.2
REFERENCE = "full"
STAND_IN = "sql"
"""It says what the scores are where a rebuild from nothing would take too long, and where the reference does not run; itself compared with it where it does."""


@dataclass(frozen=True)
class Measurement:
    """One run of a contender."""

    size: float
    contender: str
    round: int
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    sql_cpu_seconds: float | None
    database_bytes: int | None
    failure: str | None


@dataclass(frozen=True)
class Bench:
    """What is measured at one size, and where its files are."""

    folder: Path
    size: float
    contenders: tuple[Contender, ...]
    memory_limit: str
    most_bytes: int
    """A run that holds more is stopped."""
    parts: int = 1
    """In how many parts, of leads, the project makes its largest sums."""

    @property
    def data(self) -> Path:
        """The generated events."""
        return self.folder / "data" / f"{self.size:g}"

    @property
    def work(self) -> Path:
        """What the runs leave behind: scores, databases."""
        return self.folder / "work" / f"{self.size:g}"

    def prepare(self) -> None:
        """Make the events and the three grids."""
        generate(self.data, self.size)
        shutil.rmtree(self.work, ignore_errors=True)
        grid = rules()
        for situation, rows in {"full": grid, "weight": with_other_points(grid), "match": with_other_condition(grid)}.items():
            write_seeds(self.work / "seeds" / situation, rows)

    @property
    def raw(self) -> Path:
        """The folder of raw files that all runs read."""
        return self.work / "raw"

    def lay_raw(self, situation: str) -> None:
        """Lay out the raw files that there are in a situation: always in one folder, and as old as they are, so that the project knows them again."""
        shutil.rmtree(self.raw, ignore_errors=True)
        events = self.raw / "generic" / "events"
        events.mkdir(parents=True)
        for file in sorted((self.data / "raw" / "generic" / "events").glob("*.parquet")):
            os.link(file, events / file.name)
        os.link(self.data / "raw" / "generic" / "contacts.parquet", events.parent / "contacts.parquet")
        if situation == "day":
            os.link(self.data / "days" / "day_1.parquet", events / "day_1.parquet")

    def job(self, contender: Contender, situation: str | None = None) -> Job:
        """What the contender is to do in a situation: `full`, `day`, `weight` or `match`; by default the one that bears its name, else `full`."""
        situation = situation or (contender.name if contender.is_project else "full")
        seeds = self.work / "seeds" / situation
        work = self.work / f"{contender.name}_{situation}"
        return Job(
            contender=contender.name,
            raw=self.raw,
            seeds=seeds if seeds.exists() else self.work / "seeds" / "full",
            as_of=LAST_DAY + timedelta(days=1) if situation == "day" else LAST_DAY,
            output=work / "scores.parquet",
            work=work,
            database=work / "lead_scoring.duckdb",
            memory_limit=self.memory_limit,
            parts=self.parts,
        )

    def run(self, contender: Contender, number: int, situation: str | None = None) -> Measurement:
        """Run a contender once, from a clean folder, and keep its scores."""
        job = self.job(contender, situation)
        shutil.rmtree(job.work, ignore_errors=True)
        job.work.mkdir(parents=True)
        if contender.is_project:
            project.prepare(job)
        if contender.state:
            before = self.job(CONTENDERS[contender.state]).database
            if not before.exists():
                self.run(CONTENDERS[contender.state], number)
            shutil.copy(before, job.database)
        self.lay_raw(situation or (contender.name if contender.is_project else "full"))
        measured = measure(job, self.size, number, self.most_bytes)
        if contender.is_project and not measured.failure:
            project.export_scores(job)
            if contender.state and not project.went_on(job):
                measured = replace(measured, failure="made anew what was there, or read it again")
            measured = replace(
                measured,
                sql_cpu_seconds=json.loads(project.sql_cpu_file(job).read_text(encoding="utf-8")),
                database_bytes=job.database.stat().st_size,
            )
        return measured

    def judge(self, contender: Contender) -> Contender:
        """Who says what the scores of a contender have to be."""
        return CONTENDERS[REFERENCE if CONTENDERS[REFERENCE] in self.contenders and not contender.state else STAND_IN]

    def expected(self, contender: Contender) -> Path:
        """The file of the scores that the contender has to give; computed where it is not there yet."""
        situation = contender.name if contender.state else "full"
        judge = self.judge(contender)
        file = self.job(judge, situation).output
        if not file.exists():
            failure = self.run(judge, 0, situation).failure
            if failure:
                raise RuntimeError(f"{judge.name} failed: {failure}")
        return file


def measure(job: Job, size: float, number: int, most_bytes: int) -> Measurement:
    """Do a job in a process of its own, and stop it when it holds too much memory."""
    log, peak = job.work / "log.txt", job.work / "peak_bytes"
    began = time.monotonic()
    with log.open("wb") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.contend", job.to_json()], cwd=REPOSITORY, stdout=lines, stderr=subprocess.STDOUT
        )
    stopped = False
    while True:
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        if not stopped and resident_bytes(process.pid) > most_bytes:
            process.kill()
            stopped = True
        time.sleep(WATCH_SECONDS)
    process.returncode = os.waitstatus_to_exitcode(status)
    failure = None
    if stopped:
        failure = f"stopped: it held more than {most_bytes / 1e9:.0f} GB of memory"
    elif process.returncode:
        failure = (log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["no message"])[-1]
    return Measurement(
        size=size,
        contender=job.contender,
        round=number,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        wall_seconds=time.monotonic() - began,
        peak_bytes=int(peak.read_text(encoding="ascii")) if peak.exists() else most_bytes,
        sql_cpu_seconds=None,
        database_bytes=None,
        failure=failure,
    )


def resident_bytes(pid: int) -> int:
    """How much memory a process holds now; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def first_difference(expected: Path, given: Path) -> str | None:
    """The first lead whose score differs, with what was expected and what was given; None where all agree."""
    query = """
        select lead_id, scored_on, expected.score_exact, given.score_exact
        from read_parquet(?) as expected
        full join read_parquet(?) as given using (lead_id, scored_on)
        where expected.score_exact is distinct from given.score_exact
        order by all
        limit 1
    """
    found = duckdb.execute(query, [str(expected), str(given)]).fetchone()
    if found is None:
        return None
    return f"lead {found[0]} on {found[1]}: expected {found[2]}, given {found[3]}"


def bytes_of(folder: Path) -> int:
    """How much the Parquet files of a folder hold."""
    return sum(file.stat().st_size for file in folder.rglob("*.parquet"))


def machine() -> str:
    """The machine and the versions, as a line of text."""
    names = ("dbt-core", "dbt-duckdb", "duckdb", "polars", "chdb")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return ", ".join(
        [
            f"{os.cpu_count()} cores",
            f"{memory:.0f} GiB",
            f"Python {platform.python_version()}",
            *filter(None, map(told_version, names)),
        ]
    )


def told_version(name: str) -> str | None:
    """A package and its version, where it is installed."""
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return None


def table(measurements: Sequence[Measurement], verdicts: dict[str, str]) -> Iterator[str]:
    """The Markdown rows of one size: medians, with the least and the most, and how many times the limit of the same round."""
    limits = {m.round: m.cpu_seconds for m in measurements if m.contender == "limit" and not m.failure}
    yield "| contender | CPU seconds | least to most | times the limit | of it SQL | wall seconds | peak memory | database | scores |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|---|"
    for name in dict.fromkeys(m.contender for m in measurements):
        runs = [m for m in measurements if m.contender == name]
        done = [m for m in runs if not m.failure]
        if not done:
            yield f"| `{name}` | | | | | | | | {runs[0].failure} |"
            continue
        cpu = [m.cpu_seconds for m in done]
        ratios = [m.cpu_seconds / limits[m.round] for m in done if m.round in limits]
        sql = [m.sql_cpu_seconds for m in done if m.sql_cpu_seconds is not None]
        database = [m.database_bytes for m in done if m.database_bytes is not None]
        cells = (
            f"`{name}`",
            f"{median(cpu):.1f}",
            f"{min(cpu):.1f} to {max(cpu):.1f}",
            f"{median(ratios):.1f}" if ratios else "",
            f"{median(sql):.1f}" if sql else "",
            f"{median(m.wall_seconds for m in done):.1f}",
            f"{max(m.peak_bytes for m in done) / 1e9:.1f} GB",
            f"{max(database) / 1e9:.2f} GB" if database else "",
            verdicts.get(name, ""),
        )
        yield f"| {' | '.join(cells)} |"


def main(
    sizes: Annotated[str, typer.Option(help="Million events, several separated by blanks.")] = "1",
    contenders: Annotated[str, typer.Option(help=f"Out of: {' '.join(CONTENDERS)}.")] = DEFAULT_CONTENDERS,
    rounds: Annotated[int, typer.Option(min=1, help="How often each contender runs.")] = 3,
    folder: Annotated[Path, typer.Option(help="Where the data, the databases and the results go.")] = Path("target/benchmarks"),
    memory_limit: Annotated[str, typer.Option(help="What engines that take a limit may use.")] = "4GB",
    parts: Annotated[int, typer.Option(min=1, help="In how many parts, of leads, the project makes its largest sums.")] = 1,
    most_memory: Annotated[float, typer.Option(help="Gigabytes at which a run is stopped.")] = 16,
) -> None:
    """Measure the contenders in alternation and check their scores."""
    unknown = set(contenders.split()) - set(CONTENDERS)
    if unknown:
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there are {', '.join(CONTENDERS)}")
    folder = folder.absolute()
    lines = [f"{date.today()}; {machine()}"]
    measurements: list[Measurement] = []
    has_difference = False
    for size in map(float, sizes.split()):
        able, told = able_contenders(contenders.split(), size)
        bench = Bench(folder, size, tuple(able), memory_limit, int(most_memory * 1e9), parts)
        bench.prepare()
        of_size = list(run_rounds(bench, rounds))
        verdicts = {c.name: verdict(bench, c) for c in able if not any(m.failure for m in of_size if m.contender == c.name)}
        has_difference |= any(text.startswith("differ") for text in verdicts.values())
        parquet = bytes_of(bench.data / "raw") / 1e9
        lines += [
            "",
            f"### {size:g} million events, {parquet:.2f} GB of Parquet, {rounds} rounds",
            "",
            *table(of_size, verdicts),
            *told,
        ]
        measurements += of_size
        (folder / "results.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
        raw = {"machine": lines[0], "measurements": [asdict(measurement) for measurement in measurements]}
        (folder / "results.json").write_text(json.dumps(raw, indent=2) + "\n", encoding="utf-8")
    print("\n".join(lines))
    raise typer.Exit(1 if has_difference else 0)


def able_contenders(names: Sequence[str], size: float) -> tuple[list[Contender], list[str]]:
    """Those that can run at a size, in the order of their names' list, and what is to be said of the others."""
    able, told = [], []
    for contender in (CONTENDERS[name] for name in names):
        if not contender.is_installed:
            told += [
                "",
                f"`{contender.name}` did not run: {contender.requires} is not installed; benchmarks/requirements.txt has it.",
            ]
        elif contender.largest is not None and size > contender.largest:
            told += ["", f"`{contender.name}` did not run: it is measured up to {contender.largest:g} million events."]
        else:
            able.append(contender)
    return able, told


def run_rounds(bench: Bench, rounds: int) -> Iterator[Measurement]:
    """Every contender once, then every one again, so that what the machine does meanwhile meets all of them."""
    for number in range(1, rounds + 1):
        for contender in bench.contenders:
            measured = bench.run(contender, number)
            said = measured.failure or f"{measured.cpu_seconds:.1f} CPU seconds, {measured.peak_bytes / 1e9:.1f} GB"
            print(f"{bench.size:g} million, round {number}, {contender.name}: {said}", file=sys.stderr)
            yield measured


def verdict(bench: Bench, contender: Contender) -> str:
    """Whether the scores of a contender are those that they have to be."""
    judge = bench.judge(contender)
    if contender.name == "limit":
        return "none: it only reads"
    if contender == judge:
        return "what others are compared with"
    difference = first_difference(bench.expected(contender), bench.job(contender).output)
    return f"differ from `{judge.name}`: {difference}" if difference else f"equal to `{judge.name}`"


if __name__ == "__main__":
    typer.run(main)
