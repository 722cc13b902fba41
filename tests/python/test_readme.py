"""The README is right: its commands exist, its names exist, its links lead somewhere, its excerpts are what is printed."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import new_source
import pytest
import use_preset
import yaml
from conftest import REPOSITORY, Copy
from lead_scoring.activation.providers import PROVIDERS
from lead_scoring.cli import app
from lead_scoring.database import READING_ONLY
from typer.main import get_command

PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
PROSE = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)

# Names of other programs, examples and files that a build makes.
NOT_OURS = {
    "/data/raw/hubspot/",
    "lead_scoring.duckdb",
    "sample/raw",
    ".venv",
    "git:",
    "local:",
    "git revert",
    "2",
    "4GB",
    "90",
    "10",
    "UTC",
    "all",
    "lead_scoring_pseudonymous.duckdb",
    "lead_scoring_published/current/lead_scoring.duckdb",
    "lead_scoring_published/last_run.md",
    "1.csv",
    "+99:00",
    "2026-03-01 10:00:00 +0000",
    "2026-03-01T10:00Z",
    "config_options",
    "touch lead_scoring_activation/STOP",
    "1",
    "properties.key",
}


def commands() -> Iterator[str]:
    """Every command line of a code block and every command in the text."""
    for language, block in BLOCKS:
        if language == "":
            for line in block.splitlines():
                yield re.sub(r"\s{2,}#.*", "", line).removeprefix("$ ").strip()
    yield from re.findall(r"`((?:make|dbt|source|\.venv)[^`]*)`", PROSE)


@cache
def properties() -> list[dict[str, Any]]:
    """All that the property files declare: models, seeds and sources."""
    found = []
    for file in [*(REPOSITORY / "models").rglob("*.yml"), *(REPOSITORY / "seeds").rglob("*.yml")]:
        declared = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        found += declared.get("models", []) + declared.get("seeds", [])
    return found


@cache
def known_names() -> frozenset[str]:
    """Names of models, seeds, columns, vars, environment variables, and every cell of a seed."""
    project = yaml.safe_load((REPOSITORY / "dbt_project.yml").read_text(encoding="utf-8"))
    names = set(project["vars"]) | {"marts", "quarantine", "staging", "intermediate"}
    for declared in properties():
        names |= {
            declared["name"],
            f"lead_scoring_{declared['name']}",
            *(column["name"] for column in declared.get("columns", [])),
        }
    for seed in (REPOSITORY / "seeds").rglob("*.csv"):
        with seed.open(encoding="utf-8", newline="") as file:
            names |= {cell for row in csv.reader(file) for cell in row}
    for folder in ("models", "analyses"):
        names |= {file.stem for file in (REPOSITORY / folder).rglob("*.sql")}
    for sources in (REPOSITORY / "models").rglob("_*__sources.yml"):
        for source in yaml.safe_load(sources.read_text(encoding="utf-8"))["sources"]:
            names |= {source["name"], *(table["name"] for table in source["tables"])}
    names |= set(re.findall(r"LEAD_SCORING_[A-Z_]+", (REPOSITORY / "profiles.yml").read_text(encoding="utf-8")))
    for script in (REPOSITORY / "scripts").rglob("*.py"):
        names |= set(re.findall(r"LEAD_SCORING_[A-Z_]+", script.read_text(encoding="utf-8")))
    names |= {"LEAD_SCORING_RAW", "LEAD_SCORING_TEST_DATA"} | set(get_command(app).commands)  # type: ignore[attr-defined]
    for provider in PROVIDERS.values():
        names |= set(provider.secrets)
    return frozenset(names)


def test_every_make_target_of_the_pages_exists_and_is_listed() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE))
    listed = set(re.findall(r"^([a-z-]+):.*?## ", MAKEFILE, flags=re.MULTILINE))
    named = {word for page in PAGES for word in re.findall(r"\bmake ([a-z-]+)\b(?= |`|$)", code_of(page), flags=re.MULTILINE)}
    assert {"demo", "test", "explain", "build", "check"} <= named
    assert named <= targets
    assert named <= listed | {"help"}


def code_of(page: str) -> str:
    """The code of a page: its blocks and what stands between back quotes."""
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return "\n".join(
        blocks
        + [f"{code}`" for code in re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))]
    )


def test_every_call_of_the_command_line_is_one_it_takes() -> None:
    """The options exist, and are spelt as the README spells them."""
    cli = get_command(app)
    calls = [line for line in commands() if "scripts/lead_scoring" in line]
    assert {call.split()[2] for call in calls} == set(cli.commands)  # type: ignore[attr-defined]
    for call in calls + [line for line in commands() if "ARGS=" in line]:
        words = re.findall(r'^(?:[A-Z_]+=\S+ )*make (\w+) ARGS=(?:"([^"]*)"|(\S+))', call.split("#")[0])
        arguments = [words[0][0], *(words[0][1] or words[0][2]).split()] if words else call.split()[2:]
        command = cli.commands[arguments[0]]  # type: ignore[attr-defined]
        if arguments[0] == "activate":
            command = command.commands[arguments[1]]
        options = {option for parameter in command.params for option in [*parameter.opts, *parameter.secondary_opts]}
        assert {word for word in arguments if word.startswith("--")} <= options, call


def test_every_call_of_another_script_is_one_it_takes() -> None:
    """The scripts beside the command line, on the README and on the page about sources."""
    page = (REPOSITORY / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
    text = README + page
    calls = [line.split() for line in re.findall(r"python scripts/((?:new_source|use_preset)\.py .*)$", text, flags=re.MULTILINE)]
    assert {call[0] for call in calls} == {"new_source.py", "use_preset.py"}
    adding, presets = get_command(new_source.app), get_command(use_preset.app)
    assert {call[1] for call in calls if call[0] == "use_preset.py"} == set(presets.commands)  # type: ignore[attr-defined]
    for call in calls:
        command = adding if call[0] == "new_source.py" else presets.commands[call[1]]  # type: ignore[attr-defined]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in call if word.startswith("--")} <= options, call


def test_every_var_of_a_dbt_call_exists() -> None:
    declared = yaml.safe_load((REPOSITORY / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    calls = [line for line in commands() if "dbt build" in line]
    assert calls
    for call in calls:
        named = yaml.safe_load(re.findall(r"--vars '([^']*)'", call)[0])
        assert set(named) <= set(declared), call


@pytest.mark.parametrize("page", PAGES)
def test_every_name_in_back_quotes_exists(page: str) -> None:
    """Files are there; other names are models, seeds, columns, vars or cells of seeds."""
    text = re.sub(r"^```.*?^```$", "", (REPOSITORY / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    unknown = []
    for name in sorted(set(re.findall(r"`([^`\n]+)`", text)) - NOT_OURS):
        if name.startswith(("make ", "dbt ", "source ", "{", "[", "--")) or name in known_names():
            continue
        if not ((REPOSITORY / name.rstrip("/")).exists() or name in MAKEFILE or name == "raw_{}"):
            unknown.append(name)
    assert unknown == []


def test_every_mart_is_told_once_with_two_questions() -> None:
    table = README.split("## What it publishes")[1].split("##")[0]
    told = re.findall(r"^\| `(\w+)` \|[^|]+\|([^|]+)\|$", table, flags=re.MULTILINE)
    assert sorted(name for name, _ in told) == sorted(
        model.stem for folder in ("marts", "activation") for model in (REPOSITORY / "models" / folder).glob("*.sql")
    )
    for name, questions in told:
        assert questions.count("?") == 2, name


def test_every_var_is_told() -> None:
    declared = yaml.safe_load((REPOSITORY / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    table = README.split("| var of `dbt_project.yml`")[1].split("###")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)) == set(declared)


def anchors(page: Path) -> set[str]:
    """What links may lead to inside a page, as code hosts make it out of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "page",
    [
        *PAGES,
        "sample/README.md",
        *(
            "docs/adding-a-source.md",
            "docs/connecting.md",
            "docs/design.md",
            "docs/interfaces.md",
            "docs/publishing.md",
            "docs/scoring.md",
        ),
    ],
)
def test_every_link_leads_somewhere(page: str) -> None:
    file = REPOSITORY / page
    for target in re.findall(r"\]\(([^)\s]+)\)", file.read_text(encoding="utf-8")):
        if re.match(r"^[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (file.parent / path).resolve() if path else file
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked), target


def test_no_page_names_a_machine_or_a_registry() -> None:
    for page in PAGES:
        text = (REPOSITORY / page).read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.])/(?:tmp|home|root|work)/|index-url", text), page


def test_the_excerpts_are_what_is_printed(demo: Copy) -> None:
    """Headings and columns, word for word; numbers change with the rules."""
    excerpts = dict(re.findall(r"<!-- (\w+) -->\n```\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL))
    who = re.findall(r"make explain EMAIL=(\S+)", README)[0]
    printed = {"demo": demo.cli("show", COLUMNS="80").stdout, "explain": demo.cli("explain", who, COLUMNS="80").stdout}
    assert set(excerpts) == set(printed)
    for name, excerpt in excerpts.items():
        shape = [line.split("  ")[0].strip() for line in printed[name].splitlines()]
        lines = [line for line in excerpt.splitlines() if line.strip() and line.strip() != "..." and not re.search(r"\d", line)]
        assert len(lines) >= 3, name
        for line in lines:
            assert line.split("  ")[0].strip() in shape, line


def test_the_two_commands_stand_on_the_first_screen() -> None:
    first = "\n".join(README.splitlines()[:25])
    assert "make demo" in first
    assert "make test" in first


def test_readers_are_shown_the_connection_that_we_use_ourselves() -> None:
    (block,) = [text for language, text in BLOCKS if language == "python" and "duckdb.connect" in text]
    assert dict(re.findall(r'"(\w+)": "(\w+)"', block)) == READING_ONLY


def test_the_plan_that_it_confirms_is_that_of_the_demo(demo: Copy) -> None:
    told = demo.cli("activate", "plan", "--json", BREVO_API_KEY="any", BREVO_IMPORT_LIST_ID="1")
    assert told.returncode == 0, told.stdout + told.stderr
    confirmed = set(re.findall(r"--confirm ([0-9a-f]{12})", README))
    assert confirmed == {json.loads(told.stdout)["plan_hash"]}
