"""Import the dashboard of integrations/superset into a Superset of its own, and ask it for the data of every chart: ``make try-superset``.

Needs a package registry and some minutes, and is therefore no part of CI. The Superset is a scratch one: it listens nowhere, and is made anew each time.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import typer
import yaml
from environments import TOOLS, python_in
from lead_scoring.project import PROJECT, database_path, shown_path
from lead_scoring.publishing import DATABASE, published_folder

INTEGRATION = PROJECT / "integrations" / "superset"
BUNDLE = INTEGRATION / "bundle"
REQUIREMENTS = INTEGRATION / "requirements.txt"
ENVIRONMENT = TOOLS / "superset"
HOME = TOOLS / "superset-home"
DASHBOARD = "lead-scores"

CONFIGURATION = """\
import os

SECRET_KEY = os.environ["TRIED_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = "sqlite:///" + os.path.join(os.path.dirname(__file__), "superset.db")
"""

# Runs in Superset's environment: logs in, and asks its API for the charts of the dashboard and for what they show.
ASKING = """
import json, os, sys
from superset.app import create_app
client = create_app().test_client()
login = {"username": "admin", "password": os.environ["TRIED_PASSWORD"], "provider": "db"}
headers = {"Authorization": "Bearer " + client.post("/api/v1/security/login", json=login).json["access_token"]}
found = []
for chart in client.get(f"/api/v1/dashboard/{sys.argv[1]}/charts", headers=headers).json["result"]:
    answer = client.get(f"/api/v1/chart/{chart['id']}/data/", headers=headers)
    result = (answer.json or {}).get("result", [{}])[0]
    found.append({
        "name": chart["slice_name"],
        "status": answer.status_code,
        "error": result.get("error") or (answer.json or {}).get("message"),
        "rows": result.get("data") or [],
    })
print("found" + json.dumps(found, default=str))
"""

# Charts that show every score, and how many that is out of their rows.
COUNTING: dict[str, Callable[[list[dict[str, Any]]], int]] = {
    "Leads per segment": lambda rows: sum(row["leads"] for row in rows),
    "Score distribution": lambda rows: sum(sum(row.values()) for row in rows),
}

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]})


def write_bundle(database: Path, file: Path) -> None:
    """Zip the bundle as Superset takes it, with the path of the database in it."""
    with zipfile.ZipFile(file, "w") as bundle:
        for part in sorted(BUNDLE.rglob("*.yaml")):
            text = part.read_text(encoding="utf-8")
            if part.parent.name == "databases":
                uri = yaml.safe_load(text)["sqlalchemy_uri"]
                text = text.replace(uri, f"duckdb:///{database}")
            bundle.writestr(f"lead_scoring/{part.relative_to(BUNDLE).as_posix()}", text)


def call(python: Path, *arguments: str, environment: dict[str, str]) -> str:
    """Run a program of Superset's environment and return what it printed. Raises RuntimeError with the end of what it said where it fails."""
    done = subprocess.run(
        [str(python), *arguments], cwd=HOME, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)[:80]} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


def set_up(database: Path) -> tuple[Path, dict[str, str]]:
    """A new Superset with an administrator and the dashboard; returns its Python and the environment that its programs need."""
    python = python_in(ENVIRONMENT, [], REQUIREMENTS)
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    (HOME / "superset_config.py").write_text(CONFIGURATION, encoding="utf-8")
    environment = {
        "FLASK_APP": "superset",
        "SUPERSET_HOME": str(HOME),
        "SUPERSET_CONFIG_PATH": str(HOME / "superset_config.py"),
        "SCARF_ANALYTICS": "false",
        "TRIED_SECRET_KEY": secrets.token_urlsafe(42),
        "TRIED_PASSWORD": secrets.token_urlsafe(16),
    }
    superset = str(python.with_name("superset"))
    write_bundle(database, HOME / "bundle.zip")
    names = ["--username", "admin", "--firstname", "Ada", "--lastname", "Admin", "--email", "admin@company.example"]
    for arguments in (
        ["db", "upgrade"],
        ["fab", "create-admin", *names, "--password", environment["TRIED_PASSWORD"]],
        ["init"],
        ["import-dashboards", "--path", str(HOME / "bundle.zip"), "--username", "admin"],
    ):
        typer.echo(f"superset {' '.join(arguments[:2])}")
        call(python, superset, *arguments, environment=environment)
    return python, environment


def faults_of(charts: list[dict[str, Any]], leads: int) -> list[str]:
    """What is wrong with the answers: a chart that is missing, that failed or is empty, or that counts other leads than there are."""
    wanted = {yaml.safe_load(file.read_text(encoding="utf-8"))["slice_name"] for file in (BUNDLE / "charts").glob("*.yaml")}
    faults = [f"{name}: is not on the dashboard" for name in sorted(wanted - {chart["name"] for chart in charts})]
    for chart in charts:
        if chart["status"] != 200 or chart["error"]:
            faults.append(f"{chart['name']}: {chart['status']} {chart['error']}")
        elif not chart["rows"]:
            faults.append(f"{chart['name']}: has no data")
        elif chart["name"] in COUNTING and COUNTING[chart["name"]](chart["rows"]) != leads:
            faults.append(f"{chart['name']}: does not count {leads} scores")
    return faults


@app.command(epilog="Exit codes: 0 every chart has data; 1 one has not; 2 nothing is published yet.")
def main() -> None:
    """Set up a scratch Superset, import the dashboard, and ask for the data of every chart."""
    database = published_folder(database_path()).absolute() / "current" / DATABASE
    if not database.exists():
        typer.echo("Nothing is published yet: run `make demo` or `make build`.", err=True)
        raise typer.Exit(2)
    with duckdb.connect(str(database), read_only=True) as connection:
        leads = connection.execute("select count(*) from marts.fct_lead_scores").fetchall()[0][0]
    try:
        python, environment = set_up(database)
        said = call(python, "-c", ASKING, DASHBOARD, environment=environment)
    except RuntimeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    charts = json.loads(next(line.removeprefix("found") for line in said.splitlines() if line.startswith("found")))
    typer.echo(f"\n{shown_path(database)}, {leads} scores")
    for chart in charts:
        first = json.dumps(chart["rows"][0], ensure_ascii=False)[:110] if chart["rows"] else ""
        typer.echo(f"{chart['name']:36} {chart['status']} {len(chart['rows']):6} rows  {first}")
    faults = faults_of(charts, leads)
    if faults:
        typer.echo("\n".join(faults), err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
