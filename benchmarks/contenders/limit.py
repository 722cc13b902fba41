"""The limit: a checksum over the columns that every way to the scores has to read."""

from __future__ import annotations

import duckdb

from benchmarks.contenders import Job

CHECKSUM = """
select sum(cast(hash(event_id, event_type, occurred_at, loaded_at, email, contact_id, anonymous_id, page_path) as hugeint)) as checksum
from read_parquet('{events}')
"""


def score(job: Job) -> None:
    """Read the columns; there are no scores."""
    with duckdb.connect(config={"memory_limit": job.memory_limit}) as connection:
        print(connection.execute(CHECKSUM.format(events=job.events)).fetchone())
