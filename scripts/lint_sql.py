"""Look at the style of the SQL with every source turned on: sqlfluff skips a model that is off, and calls it finished."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
import yaml
from lead_scoring.project import PROJECT

FOLDERS = ("models", "tests/dbt", "analyses")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]})


def settings(project_file: Path) -> str:
    """What sqlfluff has to know beside .sqlfluff: the sources of a dbt_project.yml, all of them."""
    sources = yaml.safe_load(project_file.read_text(encoding="utf-8"))["vars"]["lead_scoring_staged"]
    return f"[tool.sqlfluff.templater.dbt.context]\nlead_scoring_sources = {json.dumps(list(sources))}\n"


@app.command(epilog="Exit codes: those of sqlfluff; 0 nothing is wrong, 1 something is.")
def main(
    paths: Annotated[list[str] | None, typer.Argument(help="Files or folders, where it is not all of them.")] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Put in order what can be.")] = False,
) -> None:
    """Look at the style of the SQL of all sources, those that are off too."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "pyproject.toml"
        config.write_text(settings(PROJECT / "dbt_project.yml"), encoding="utf-8")
        sqlfluff = Path(sys.executable).with_name("sqlfluff")
        command = [str(sqlfluff), "fix" if fix else "lint", "--config", str(config), *(paths or FOLDERS)]
        raise typer.Exit(subprocess.run(command, cwd=PROJECT, check=False).returncode)


if __name__ == "__main__":
    app()
