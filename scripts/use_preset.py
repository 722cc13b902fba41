"""Look at the presets, and copy one as a start for rules of your own."""

from __future__ import annotations

from typing import Annotated

import typer
from lead_scoring import presets
from lead_scoring.console import console, print_json, say
from lead_scoring.project import PROJECT
from lead_scoring.running import AsJson, reported

app = typer.Typer(
    help="Score models after vendors' published scoring: look at them, copy one.",
    epilog="Exit codes: 0 done; 1 a seed is missing; 2 wrong usage: no such preset, or a score model of that name is there. Then nothing was written.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Name = Annotated[str, typer.Argument(metavar="PRESET", help="A preset, as the list names it.")]


@app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """The presets, with how many rules, which subscores and which grades they have."""
    with reported(as_json):
        found = presets.load()
        if as_json:
            print_json([
                {"preset": preset.name, "label": preset.label, "rules": len(preset.rules), "subscores": preset.subscores}
                for preset in found.values()
            ])  # fmt: skip
        else:
            presets.print_list(found)


@app.command("show")
def show_command(preset: Name, as_json: AsJson = False) -> None:
    """All that a preset says: rules, groups, bounds, grades, segments, and where they come from."""
    with reported(as_json):
        found = presets.one(preset)
        if as_json:
            print_json({"preset": found.name, "label": found.label, **found.seeds})
        else:
            presets.print_preset(found)


@app.command("copy")
def copy_command(
    preset: Name,
    name: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="What to call the score model; the preset's own name if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Copy a preset's rows to the ends of the seeds, as a score model that is yours to change."""
    name = name or preset
    with reported(as_json):
        texts, counts = presets.copied(presets.one(preset), name)
        presets.write(texts)
    steps = [
        f"Change the rows {name} of seeds/point_grid.csv as you like.",
        "make check",
        "make build: every lead has a score in each score model; marts.rpt_model_agreement says how far they agree.",
    ]
    if name == preset:
        steps.insert(0, f"Leave {preset} out of lead_scoring_presets: the name is that of your rows now.")
    if as_json:
        print_json({
            "status": "ok", "exit_code": 0, "preset": preset, "score_model": name, "next": steps,
            "copied": {path.relative_to(PROJECT).as_posix(): counts[path.stem] for path in texts},
        })  # fmt: skip
        return
    for path in texts:
        say(f"{path.relative_to(PROJECT).as_posix()}: {counts[path.stem]} rows of {name}", style="green")
    console().print()
    for number, step in enumerate(steps, start=1):
        say(f"{number}. {step}")


if __name__ == "__main__":
    app()
