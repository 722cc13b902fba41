"""One HTML file with everything in it: data, charts, style and script. Nothing in it asks a server for anything."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from string import Template
from typing import Any

from lead_scoring.report import charts

HERE = Path(__file__).parent


def compose(payload: dict[str, Any]) -> str:
    """The page that shows a payload. What comes from outside stands in it packed, as letters and digits: no text of the data can end a script or begin a tag."""
    packed = gzip.compress(json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode(), mtime=0)
    page = Template((HERE / "page.html").read_text(encoding="utf-8"))
    return page.substitute(
        style=(HERE / "page.css").read_text(encoding="utf-8"),
        charts=json.dumps(charts.specifications()).replace("<", "\\u003c"),
        data=base64.b64encode(packed).decode("ascii"),
        bundle=charts.bundle(),
        script=(HERE / "page.js").read_text(encoding="utf-8"),
    )


def write(payload: dict[str, Any], file: Path) -> int:
    """Write the page, whole or not at all, and return its size in bytes."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        unfinished.write_text(compose(payload), encoding="utf-8")
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return file.stat().st_size
