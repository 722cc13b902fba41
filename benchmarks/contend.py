"""Do one job in this process: `python -m benchmarks.contend JOB`, where JOB is what Job.to_json() wrote. For the runner."""

from __future__ import annotations

import resource
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.contenders import CONTENDERS, Job


def main() -> None:
    """Score with the contender that the job names, and tell how much memory that took in `peak_bytes` of the work folder."""
    job = Job.from_json(sys.argv[1])
    try:
        import_module(f"benchmarks.contenders.{CONTENDERS[job.contender].module}").score(job)
    finally:
        (job.work / "peak_bytes").write_text(str(peak_bytes()), encoding="ascii")


def peak_bytes() -> int:
    """The most memory that this process held at once."""
    status = Path("/proc/self/status")
    if status.exists():
        # The figure of getrusage() would hold what the runner had when it started this process.
        told = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(told.split()[1]) * 1024
    # macOS counts bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
