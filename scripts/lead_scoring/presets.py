"""Presets: score models after vendors' published scoring, which stand in ``seeds/presets``. They can be looked at, and copied as a start for rules of one's own."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from lead_scoring.console import console, heading, print_table, say, words
from lead_scoring.errors import WRONG_USAGE, CommandError
from lead_scoring.project import SEEDS
from lead_scoring.seeds import appended

PREFIX = "preset_"
MODELS = "score_models"
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Preset:
    """A score model of the presets: its rows by seed, in the order of the files."""

    name: str
    seeds: dict[str, Rows]

    @property
    def label(self) -> str:
        """What it is called."""
        return next((row.get("label", "") for row in self.seeds.get(MODELS, [])), "")

    @property
    def rules(self) -> Rows:
        """Its rows of the point grid."""
        return self.seeds.get("point_grid", [])

    @property
    def subscores(self) -> list[str]:
        """The subscores that its rules give points to."""
        return list(dict.fromkeys(row["subscore"] for row in self.rules if row.get("points")))


def load(seeds_dir: Path = SEEDS) -> dict[str, Preset]:
    """Every preset by name, in the order of their score models.

    Raises CommandError when there are none.
    """
    files = sorted((seeds_dir / "presets").glob(f"{PREFIX}*.csv"))
    by_seed = {file.stem.removeprefix(PREFIX): _rows(file) for file in files}
    names = [row["score_model"] for row in by_seed.get(MODELS, [])]
    if not names:
        raise CommandError(f"There are no presets: {seeds_dir.name}/presets/{PREFIX}{MODELS}.csv has no rows.")
    return {
        name: Preset(name, {seed: [row for row in rows if row.get("score_model") == name] for seed, rows in by_seed.items()})
        for name in dict.fromkeys(names)
    }


def one(name: str, seeds_dir: Path = SEEDS) -> Preset:
    """The preset of a name.

    Raises CommandError with exit code 2 when there is none.
    """
    found = load(seeds_dir)
    if name not in found:
        raise CommandError(f"There is no preset {name}; there are {', '.join(found)}.", WRONG_USAGE)
    return found[name]


def copied(preset: Preset, name: str, seeds_dir: Path = SEEDS) -> tuple[dict[Path, str], dict[str, int]]:
    """The seeds with the preset's rows at their ends under the name of a score model of one's own, and how many rows each gets.

    Raises CommandError with exit code 2 when the name is no name or taken, and with 1 when a seed is not there.
    """
    if not name.isascii() or not name.replace("_", "a").isalnum() or name != name.lower():
        raise CommandError(f"{name} is no name for a score model: it is made of lower-case letters, digits and _.", WRONG_USAGE)
    texts: dict[Path, str] = {}
    counts: dict[str, int] = {}
    for seed, rows in preset.seeds.items():
        path = seeds_dir / f"{seed}.csv"
        if not path.is_file():
            raise CommandError(f"{seeds_dir.name}/{seed}.csv is missing, so {preset.name} cannot be copied.")
        if any((row.get("score_model") or "").strip().lower() == name for row in _rows(path)):
            raise CommandError(
                f"{seeds_dir.name}/{path.name} has rows of a score model {name} already. Nothing was written; say another name with --as NAME.",
                WRONG_USAGE,
            )
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file), [])
        lost = sorted({column for row in rows for column, value in row.items() if value and column not in header})
        if lost:
            raise CommandError(f"{seeds_dir.name}/{path.name} has no column {', '.join(lost)}, which {preset.name} needs.")
        if rows:
            texts[path] = appended(path, [{**row, "score_model": name} for row in rows])
            counts[seed] = len(rows)
    return texts, counts


def write(texts: Mapping[Path, str]) -> None:
    """Write seeds."""
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="")


def _rows(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{name: value or "" for name, value in row.items() if name} for row in csv.DictReader(file)]


# ---------------------------------------------------------------------------------------------------------------------


def print_list(found: Mapping[str, Preset]) -> None:
    """Print the presets with what they are made of."""
    print_table(
        ([preset.name, preset.label, len(preset.rules), ", ".join(preset.subscores), _grades(preset)] for preset in found.values()),
        "preset", "label", ("rules", "right"), "subscores", "grades",
    )  # fmt: skip


def _grades(preset: Preset) -> str:
    axes: dict[str, list[str]] = {}
    for row in preset.seeds.get("grade_scales", []):
        axes.setdefault(row.get("axis", ""), []).append(row.get("grade", ""))
    return ", ".join(f"{axis} {grades[0]}-{grades[-1]}" for axis, grades in axes.items())


def print_preset(preset: Preset) -> None:
    """Print all that a preset says."""
    say(f"{preset.name}: {preset.label}", style="bold")
    further: dict[str, Rows] = {}
    for row in preset.seeds.get("point_grid_conditions", []):
        further.setdefault(row["rule_id"], []).append(row)
    for subscore in preset.subscores:
        heading(f"Rules of {subscore}")
        print_table(
            (
                [row["rule_id"], row.get("label"), _looked_for(row, further.get(row["rule_id"], [])), row.get("points"), _fading(row), _limits(row)]
                for row in preset.rules if row.get("points") and row["subscore"] == subscore
            ),
            "rule", "label", "looks for", ("points", "right"), "fades", "limits",
        )  # fmt: skip
    others = [row for row in preset.rules if not row.get("points")]
    if others:
        heading("Rules without points")
        print_table(
            ([row["rule_id"], row.get("label"), row.get("kind"), _looked_for(row, further.get(row["rule_id"], [])), row.get("target_segment"), _limits(row)] for row in others),
            "rule", "label", "kind", "looks for", "segment", "limits",
        )  # fmt: skip
    for seed, rows in preset.seeds.items():
        if seed not in ("point_grid", "point_grid_conditions") and rows:
            heading(seed.replace("_", " ").capitalize())
            columns = [column for column in rows[0] if column != "score_model" and any(row[column] for row in rows)]
            print_table(([row[column] for column in columns] for row in rows), *columns)
    notes = list(dict.fromkeys(row["note"] for row in preset.rules if row.get("note")))
    if notes:
        heading("Where it comes from")
        for note in notes:
            words(f"- {note}", style="dim")
    console().print(
        Text(
            f"\nTo score with it: lead_scoring_presets: [{preset.name}] in dbt_project.yml. To change it: use_preset.py copy {preset.name}."
        )
    )


def _looked_for(row: Mapping[str, str], further: Sequence[Mapping[str, str]]) -> str:
    """The event types and conditions of a rule in words."""
    conditions = [
        " ".join(part for part in (condition.get("field"), condition.get("operator"), condition.get("operand")) if part)
        for condition in (row, *further)
        if condition.get("field")
    ]
    return " and ".join(part for part in ((row.get("event_type") or "").replace("|", " or "), *conditions) if part)


def _fading(row: Mapping[str, str]) -> str:
    if not row.get("decay"):
        return ""
    parts = [row["decay"]]
    parts += [f"{row['decay_percent']} %"] if row.get("decay_percent") else []
    parts += [f"{row['decay_days']} days"] if row.get("decay_days") else []
    parts += [f"from {row['decay_from']}"] if row.get("decay_from") else []
    return " ".join(parts)


def _limits(row: Mapping[str, str]) -> str:
    said = {
        "count_once_per": "once per {}",
        "max_per_day": "{} a day",
        "max_points": "at most {} points",
        "window_days": "within {} days",
        "min_count": "from {} times",
        "max_count": "up to {} times",
        "active_from": "from {}",
        "active_to": "to {}",
    }
    return ", ".join(text.format(row[column]) for column, text in said.items() if row.get(column))
