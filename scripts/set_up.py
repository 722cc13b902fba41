#!/usr/bin/env python3
"""Set up .venv from a lock file: ``python3 scripts/set_up.py build``, ``report`` or ``dev``. Needs nothing but Python; a second call is quick.

It is read by whatever ``python3`` is there, so that an old one is told so: no syntax newer than Python 3.6 here.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time

OLDEST = (3, 11)
PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENVIRONMENT = os.path.join(PROJECT, ".venv")
PYTHON = os.path.join(ENVIRONMENT, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
LOCKS = {"build": "requirements.txt", "report": "requirements-report.txt", "dev": "requirements-dev.txt"}
HELD_BY = {"build": ["report", "dev"], "report": ["dev"], "dev": []}
"""Which other lock files hold all that one does."""
TAIL_LINES = 25


def find_python() -> str:
    """This Python, or a newer one beside it when this one is too old."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in range(OLDEST[1] + 3, OLDEST[1] - 1, -1):
        newer = shutil.which("python3.%d" % minor)
        # A version manager may offer a name behind which nothing is.
        if newer and subprocess.call([newer, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
            return newer
    found = "%d.%d" % sys.version_info[:2]
    sys.exit(
        "Python %d.%d or newer is needed, but python3 is %s. Install one and run `make PYTHON=/path/to/it ...`."
        % (OLDEST[0], OLDEST[1], found)
    )


def stamp_of(name: str, python: str) -> str:
    """What .venv holds after a lock file was installed: the lock's content and the Python."""
    with open(os.path.join(PROJECT, LOCKS[name]), "rb") as file:
        return hashlib.sha256(file.read() + python.encode()).hexdigest()


def stamp_path(name: str) -> str:
    return os.path.join(ENVIRONMENT, ".installed-" + name)


def is_installed(name: str, python: str) -> bool:
    """Whether .venv already holds a lock file, be it as a part of another."""
    for candidate in [name] + HELD_BY[name]:
        try:
            with open(stamp_path(candidate)) as file:
                if file.read() == stamp_of(candidate, python) and os.path.exists(PYTHON):
                    return True
        except OSError:
            pass
    return False


def make_environment(python: str) -> None:
    """An empty .venv; one that a broken set-up left behind is made anew."""
    if (
        os.path.exists(PYTHON)
        and subprocess.call([PYTHON, "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    ):
        return
    made = subprocess.run(
        [python, "-m", "venv", "--clear", ENVIRONMENT], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
    )
    if made.returncode:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        hint = "\nOn Debian and Ubuntu: apt install python3-venv" if "ensurepip" in made.stdout else ""
        sys.exit("%s cannot make a virtual environment:\n%s%s" % (python, made.stdout.strip(), hint))


def package_of(text: str) -> str:
    """The package that `six==1.17.0` or `/some/where/six-1.17.0-py3-none-any.whl` is about."""
    if "/" in text:
        return os.path.basename(text).split("-")[0].replace("_", "-")
    return re.split(r"[=<>;\[]", text)[0]


def install(name: str) -> None:
    """pip install from the lock, with a line that moves on a terminal and now and then a line elsewhere."""
    lock = os.path.join(PROJECT, LOCKS[name])
    with open(lock) as file:
        total = sum(1 for line in file if "==" in line and not line.startswith((" ", "#")))
    moving = sys.stdout.isatty()
    started = time.time()
    print("Setting up .venv: %d packages. This takes about a minute, once." % total, flush=True)
    command = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--disable-pip-version-check",
        "--no-input",
        "--progress-bar",
        "off",
        "-r",
        lock,
    ]
    said, seen = [], set()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, cwd=PROJECT
    ) as process:
        for line in process.stdout or ():
            said.append(line.rstrip())
            word = line.split()
            if word[:1] in (["Collecting"], ["Processing"]):
                name = package_of(word[1])
                seen.add(name)
                if moving:
                    sys.stdout.write("\r\033[K  %2d/%d %s" % (min(len(seen), total), total, name))
                    sys.stdout.flush()
                elif len(seen) % 20 == 0:
                    print("  %d/%d" % (len(seen), total), flush=True)
            elif word[:1] == ["Installing"]:
                print(("\r\033[K" if moving else "") + "  downloaded, now installing", flush=True)
    if process.returncode:
        print("\r\033[K" if moving else "")
        sys.exit("\n".join([*said[-TAIL_LINES:], "pip could not install %s (exit code %d)." % (LOCKS[name], process.returncode)]))
    print("  ready after %d s" % (time.time() - started), flush=True)


def main() -> int:
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in LOCKS:
        print((__doc__ or "").splitlines()[0])
        return 0 if name in ("-h", "--help") else 2
    python = find_python()
    if is_installed(name, python):
        return 0
    make_environment(python)
    install(name)
    with open(stamp_path(name), "w") as file:
        file.write(stamp_of(name, python))
    return 0


if __name__ == "__main__":
    sys.exit(main())
