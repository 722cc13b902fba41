"""Start the command line. Python puts this folder on its path; the package is found one folder up."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

try:
    from lead_scoring.cli import main
except ModuleNotFoundError as error:
    if (error.name or "").startswith("lead_scoring"):
        raise
    sys.exit(
        f"{error.name} is not installed for this Python. `make demo` sets up .venv; then run .venv/bin/python scripts/lead_scoring."
    )

if __name__ == "__main__":
    main()
