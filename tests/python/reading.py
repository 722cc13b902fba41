"""A reader that never rests: opens what is published again and again, as BI does, and says whether all that it reads is of one run.

    python reading.py FOLDER RESULT

It ends when the file RESULT.stop is there, and writes RESULT: reads, versions seen, and every read that was torn or went wrong.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

PAUSE_SECONDS = 0.05
"""So that readers leave the machine to the runs that are killed."""

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"

# One row: whether the marts agree on one run, in themselves and with one another.
WHOLE = """
    select
        (select version from publication.run),
        (select count(distinct run_id) from marts.fct_lead_scores) = 1,
        (select min(run_id) from marts.fct_lead_scores) = (select run_id from publication.run),
        (select count(*) from marts.dim_leads) * (select count(distinct score_model) from marts.fct_lead_scores) = (select count(*) from marts.fct_lead_scores),
        (select sum(points) from marts.fct_lead_score_contributions) = (select sum(score_exact) from marts.fct_lead_scores),
        (select count(*) from marts.fct_lead_score_history where valid_to is null) = (select count(*) from marts.fct_lead_scores),
        (select count(*) from marts.fct_segment_membership where left_on is null) = (select count(*) from marts.fct_lead_scores)
"""


def main(folder: Path, result: Path) -> None:
    """Read until told to stop."""
    sys.path.insert(0, str(SCRIPTS))
    from lead_scoring import publishing

    reads, versions = 0, []
    wrong: list[str] = []
    kept = publishing.connect(folder)
    first = kept.execute(WHOLE).fetchall()[0]
    while not result.with_name(f"{result.name}.stop").exists():
        try:
            with publishing.connect(folder) as connection:
                version, *holds = connection.execute(WHOLE).fetchall()[0]
                version_again = connection.execute("select version from publication.run").fetchall()[0][0]
            if not all(holds) or version != version_again:
                wrong.append(f"torn: {version}: {holds}")
            if version not in versions:
                if versions and version < versions[-1]:
                    wrong.append(f"went back: {versions[-1]} to {version}")
                versions.append(version)
            # Who never lets go keeps what was there.
            if kept.execute(WHOLE).fetchall()[0] != first:
                wrong.append("an open connection saw something else")
        except duckdb.Error as error:
            wrong.append(f"unreadable: {error}")
        reads += 1
        time.sleep(PAUSE_SECONDS)
    result.write_text(json.dumps({"reads": reads, "versions": versions, "wrong": wrong}), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
