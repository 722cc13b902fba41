"""The charts of the report: Vega-Lite specifications whose data the page fills in."""

from __future__ import annotations

from typing import Any

import altair as alt
import vl_convert

FONT = "system-ui, sans-serif"
COLOURS = {"cold": "#5b7c99", "warm": "#b7791f", "hot": "#b83227"}
GIVES, TAKES, TOTAL, LINE, FAINT = "#2b6cb0", "#b83227", "#2d3748", "#2b6cb0", "#a0aec0"
"""Told apart without colour too: what gives points runs to the right, what takes them to the left."""


def bundle() -> str:
    """Vega, Vega-Lite and vega-embed as one script that sets ``window.vegaEmbed``; no part of a page may end early in it."""
    version = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=version).replace("</script", "<\\/script")


def specifications() -> dict[str, Any]:
    """Every chart by its name. Their data sets, named ``rows`` (and ``events``, ``published``), are empty."""
    return {"course": course(), "waterfall": waterfall(), "segments": segments(), "distribution": distribution()}


def finished(chart: Any) -> dict[str, Any]:
    """A chart as Vega-Lite JSON in the look of the page."""
    shown = (
        chart.configure(font=FONT, background="transparent")
        .configure_view(stroke=None)
        .configure_axis(grid=False, labelFontSize=12)
    )
    specification: dict[str, Any] = shown.properties(autosize=alt.AutoSizeParams(type="fit-x", contains="padding")).to_dict()
    return specification


def course() -> dict[str, Any]:
    """The score over time: what it was and will be under today's rules, what was published, and the days on which something happened."""
    on = alt.X("on:T", title=None, axis=alt.Axis(format="%-d %b", labelOverlap=True))
    score = alt.Y("score:Q", title="score", scale=alt.Scale(zero=True))
    rows = alt.Chart(alt.NamedData("rows"))
    known = rows.transform_filter("datum.ahead <= 0").mark_line(color=LINE, strokeWidth=2.5).encode(on, score)
    ahead = rows.transform_filter("datum.ahead >= 0").mark_line(color=LINE, strokeDash=[5, 4], strokeWidth=2).encode(on, score)
    points = rows.mark_point(color=LINE, filled=True, size=60).encode(
        on, score, tooltip=[alt.Tooltip("on:T", title="date"), "score:Q", "segment:N"]
    )
    labels = rows.mark_text(dy=-12, fontSize=12, fontWeight="bold").encode(on, score, text="score:Q")
    published = (
        alt.Chart(alt.NamedData("published")).mark_line(color=FAINT, interpolate="step-after", strokeWidth=1.5).encode(on, score)
    )
    events = (
        alt.Chart(alt.NamedData("events"))
        .mark_tick(color=TOTAL, thickness=2, size=14, opacity=0.7)
        .encode(on, y=alt.value(210), tooltip=[alt.Tooltip("on:T", title="date"), alt.Tooltip("what:N", title="did")])
    )
    return finished(alt.layer(published, known, ahead, points, labels, events).properties(width="container", height=220))


def waterfall() -> dict[str, Any]:
    """Bars that begin where the one before ends; the last one is the score."""
    rows = alt.Chart(alt.NamedData("rows"))
    label = alt.Y("label:N", sort=alt.EncodingSortField("place", "min"), title=None, axis=alt.Axis(labelLimit=300, ticks=False))
    bars = rows.mark_bar(height={"band": 0.7}).encode(
        x=alt.X("start:Q", title="points"),
        x2="end:Q",
        y=label,
        color=alt.Color("kind:N", scale=alt.Scale(domain=["gives", "takes", "score"], range=[GIVES, TAKES, TOTAL]), legend=None),
        tooltip="words:N",
        description="words:N",
    )
    told = rows.mark_text(align="left", dx=5, fontSize=12).encode(x="right:Q", y=label, text="told:N")
    return finished((bars + told).properties(width="container", height=alt.Step(24)))


def segments() -> dict[str, Any]:
    """How many leads each segment has."""
    rows = alt.Chart(alt.NamedData("rows"))
    label = alt.Y("label:N", sort=alt.EncodingSortField("rank", "max", "descending"), title=None, axis=alt.Axis(ticks=False))
    bars = rows.mark_bar().encode(
        x=alt.X("leads:Q", title="leads"),
        y=label,
        color=alt.Color("temperature:N", scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())), legend=None),
    )
    told = rows.mark_text(align="left", dx=5, fontSize=12).encode(x="leads:Q", y=label, text=alt.Text("leads:Q", format=","))
    return finished((bars + told).properties(width="container", height=alt.Step(28)))


def distribution() -> dict[str, Any]:
    """How many leads have which score."""
    bars = (
        alt.Chart(alt.NamedData("rows"))
        .mark_bar()
        .encode(
            x=alt.X("score:Q", bin=alt.Bin(maxbins=40), title="score"),
            y=alt.Y("sum(leads):Q", title="leads"),
            color=alt.Color("temperature:N", scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())), legend=None),
        )
    )
    return finished(bars.properties(width="container", height=150))
