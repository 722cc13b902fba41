"""Presets are shown and copied: on a small folder made up here, and on those of the project when it has some."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY, Copy, clean_environment, copy_project
from lead_scoring import errors, presets, seeds

# Of each seed the columns that are filled.
MADE_UP = {
    "score_models": "score_model,label,is_default,normalisation,score_min,score_max,trend_threshold\nvendor,After a vendor,false,clamp,0,100,5\nother,Another,false,clamp,0,9,1\n",
    "point_grid": (
        "score_model,rule_id,subscore,label,kind,event_type,field,operator,operand,points,decay,decay_days,window_days,target_segment,note\n"
        'vendor,visit,behaviour,"Came, saw",event,page_viewed|form_submitted,page_path,starts_with,/price,7,linear,90,,,"their page, 2024"\n'
        "vendor,quote,behaviour,Asked,shortcut,quote_requested,,,,,,,30,hot,\n"
        "other,thing,fit,A thing,attribute,,country,eq,fr,1,,,,,\n"
    ),
    "point_grid_conditions": "score_model,rule_id,field,operator,operand\nvendor,visit,campaign,eq,spring\n",
    "segments": "score_model,segment,label,rank,lower_bound,temperature\nvendor,cold,Cold,1,,cold\nvendor,hot,Hot,2,50,hot\nother,all,All,1,,cold\n",
    "subscore_bounds": "score_model,subscore,min_points,max_points\nvendor,behaviour,,80\n",
    "grade_scales": "score_model,axis,grade,lower_bound\nvendor,behaviour,A,50\nvendor,behaviour,B,0\nother,fit,A,0\n",
    "rule_groups": "score_model,rule_group,subscore,combine,min_points,max_points\n",
}


def write_presets(seeds_dir: Path) -> None:
    folder = seeds_dir / "presets"
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    for seed, text in MADE_UP.items():
        with (folder / f"preset_{seed}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, seeds.expected_columns()[f"preset_{seed}"], restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A copy of the project with two made-up presets."""
    project = copy_project(tmp_path / "project")
    write_presets(project.folder / "seeds")
    return project


def call(project: Copy, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "scripts/use_preset.py", *arguments],
        cwd=project.folder,
        env=clean_environment({"COLUMNS": "200"}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


def seeds_of(project: Copy) -> dict[str, str]:
    return {path.name: path.read_bytes().decode("utf-8") for path in (project.folder / "seeds").glob("*.csv")}


def test_list_and_show_say_what_a_preset_says(copy: Copy) -> None:
    listed = call(copy, "list")
    assert listed.returncode == 0
    assert [line.split()[0] for line in listed.stdout.splitlines()[1:]] == ["vendor", "other"]
    assert "After a vendor" in listed.stdout
    shown = call(copy, "show", "vendor").stdout
    for words in (
        "page_viewed or form_submitted and page_path starts_with /price and campaign eq spring",
        "linear 90 days",
        "Rules without points",
        "within 30 days",
        "their page, 2024",
        "80",
        "Hot",
    ):
        assert words in shown, words
    assert "A thing" not in shown
    told = json.loads(call(copy, "show", "vendor", "--json").stdout)
    assert [row["rule_id"] for row in told["point_grid"]] == ["visit", "quote"]
    assert json.loads(call(copy, "list", "--json").stdout)[1] == {
        "preset": "other",
        "label": "Another",
        "rules": 1,
        "subscores": ["fit"],
    }


def test_copy_adds_rows_and_changes_no_other(copy: Copy) -> None:
    before = seeds_of(copy)
    result = call(copy, "copy", "vendor", "--as", "mine")
    assert result.returncode == 0, result.stderr
    assert "seeds/point_grid.csv: 2 rows of mine" in result.stdout
    assert "make check" in result.stdout
    after = seeds_of(copy)
    assert {name for name in after if after[name] != before[name]} == {
        f"{seed}.csv" for seed in MADE_UP if seed != "rule_groups"
    }  # fmt: skip
    for name, text in after.items():
        assert text.startswith(before[name]), name
    rows = list(csv.DictReader(after["point_grid.csv"].splitlines()))
    mine = [row for row in rows if row["score_model"] == "mine"]
    assert [(row["rule_id"], row["label"], row["points"], row["decay_days"], row["max_per_day"]) for row in mine] == [
        ("visit", "Came, saw", "7", "90", ""),
        ("quote", "Asked", "", "", ""),
    ]


def test_a_copy_passes_the_check(copy: Copy) -> None:
    """The rows that were copied are sound, and a fault put into them is told with its line."""
    assert call(copy, "copy", "vendor", "--as", "mine").returncode == 0
    checked = copy.cli("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    grid = copy.folder / "seeds" / "point_grid.csv"
    grid.write_text(grid.read_text(encoding="utf-8").replace("mine,visit,behaviour", "mine,visit,behavior"), encoding="utf-8")
    assert "mine / visit" in copy.cli("check").stderr


def test_line_ends_and_a_missing_last_one_are_kept(copy: Copy) -> None:
    segments = copy.folder / "seeds" / "segments.csv"
    text = segments.read_text(encoding="utf-8").rstrip("\n").replace("\n", "\r\n")
    segments.write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))
    assert call(copy, "copy", "vendor").returncode == 0
    assert segments.read_bytes() == b"\xef\xbb\xbf" + (
        text + "\r\nvendor,cold,Cold,1,,cold,,\r\nvendor,hot,Hot,2,50,hot,,\r\n"
    ).encode("utf-8")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("copy", "vendor", "--as", "default"), "has rows of a score model default already"),
        (("copy", "nobody"), "There is no preset nobody; there are vendor, other."),
        (("show", "nobody"), "There is no preset nobody"),
        (("copy", "vendor", "--as", "My Model"), "is no name for a score model"),
        (("copy",), "Missing argument"),
    ],
)
def test_wrong_usage_exits_2_and_writes_nothing(copy: Copy, arguments: tuple[str, ...], sentence: str) -> None:
    before = seeds_of(copy)
    result = call(copy, *arguments)
    assert result.returncode == errors.WRONG_USAGE
    assert sentence in result.stderr
    assert seeds_of(copy) == before


def test_what_a_seed_has_no_column_for_is_not_dropped(copy: Copy) -> None:
    file = copy.folder / "seeds" / "presets" / "preset_subscore_bounds.csv"
    file.write_text("score_model,subscore,min_points,max_points,colour\nvendor,behaviour,,80,red\n", encoding="utf-8")
    before = seeds_of(copy)
    result = call(copy, "copy", "vendor")
    assert (result.returncode, "has no column colour" in result.stderr) == (errors.DATA_WRONG, True)
    assert seeds_of(copy) == before


def test_without_presets_it_says_so(copy: Copy) -> None:
    for file in (copy.folder / "seeds" / "presets").iterdir():
        file.unlink()
    result = call(copy, "list")
    assert (result.returncode, "There are no presets" in result.stderr) == (errors.DATA_WRONG, True)


def test_every_preset_of_the_project_can_be_copied() -> None:
    shipped = presets.load(REPOSITORY / "seeds")
    assert shipped
    for preset in shipped.values():
        texts, counts = presets.copied(preset, f"my_{preset.name}", REPOSITORY / "seeds")
        assert counts["point_grid"] == len(preset.rules) > 0
        assert counts["score_models"] == 1
        assert sum(counts.values()) == sum(text.count(f"\nmy_{preset.name},") for text in texts.values())
        presets.print_preset(preset)
