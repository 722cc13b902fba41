"""Where things are: the project, the database, the raw data."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
SEEDS = PROJECT / "seeds"
KEPT_FROM_DBT = (
    "LEAD_SCORING_PSEUDONYM_SECRET",
    "ACTIVECAMPAIGN_",
    "BREVO_",
    "HUBSPOT_",
    "KLAVIYO_",
    "MAILCHIMP_",
    "META_",
    "SALESFORCE_",
)
"""How the names of secrets begin: ours, and those of the providers (activation/providers)."""


def database_path() -> Path:
    """The DuckDB file that LEAD_SCORING_DB names (from where the command was started), or the one in the project."""
    named = os.environ.get("LEAD_SCORING_DB")
    return Path(named).expanduser().absolute() if named else PROJECT / "lead_scoring.duckdb"


def shown_path(path: Path) -> str:
    """A path for people: relative to where they are when it lies below, whole otherwise."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def environment() -> dict[str, str]:
    """The environment for dbt, which runs in the project: paths that were given relative to the caller's folder are made whole."""
    # What dbt does not need it does not get: it could be quoted in a log.
    values = {name: value for name, value in os.environ.items() if not name.startswith(KEPT_FROM_DBT)}
    for name in ("LEAD_SCORING_DB", "LEAD_SCORING_RAW"):
        if values.get(name):
            values[name] = str(Path(values[name]).expanduser().absolute())
        else:
            values.pop(name, None)
    return values
