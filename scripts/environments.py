"""Python environments of other people's tools, under .tools: each apart from .venv, so that what they need decides nothing there."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lead_scoring.project import PROJECT

TOOLS = PROJECT / ".tools"


def python_in(folder: Path, packages: Sequence[str], requirements: Path | None = None) -> Path:
    """The Python of an environment that holds these packages, or those of a file; made where it is not there, or held others.

    Raises subprocess.CalledProcessError where pip cannot install them; it has said why.
    """
    wanted = hashlib.sha256("\n".join([*packages, requirements.read_text(encoding="utf-8") if requirements else ""]).encode())
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = folder / "installed"
    if not mark.exists() or mark.read_text(encoding="utf-8") != wanted.hexdigest():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", *packages]
        subprocess.run(command + (["--requirement", str(requirements)] if requirements else []), check=True)
        mark.write_text(wanted.hexdigest(), encoding="utf-8")
    return python
