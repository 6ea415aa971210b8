"""Whole builds from extracts of OpenStreetMap: Iceland, and three of it as one country.

Run it with ``python -m benchmarks.builds``. Each build is a call of the command of its own with
nothing kept, from a short area file, on a grid of 2 km. Beside its wall time and its memory at the
peak stand the most that they may be, so that the ratios tell how near they are.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.extracts import APART, COPIES, copies
from benchmarks.timing import Floor, Time, heading, show
from tests.support.worlds.packages import ICELAND, packaged

AREA = """\
[area]
name = "{name}"
bbox = [-25.0, 63.2, {east}, 66.7]
countries = ["IS"]

[[layer]]
role = ["roads", "coast", "lakes", "rivers", "places", "ports", "airstrips", "posts"]
path = "{pbf}"
"""
EAST = -13.2
ONCE = Floor(least=1.0, at_most=True)


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What a build took."""

    seconds: float
    gigabytes: float


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", help="not needed; every part has it")
    parser.parse_args()
    iceland = packaged(*ICELAND)
    heading()
    with TemporaryDirectory() as scratch:
        home = Path(scratch)
        tell("Iceland", build(home, "iceland", iceland, EAST), minutes=3, gigabytes=3)
        east = EAST + (COPIES - 1) * APART
        tell("three Icelands", build(home, "three", copies(iceland), east), minutes=10, gigabytes=6)


def tell(name: str, spent: Spent, *, minutes: float, gigabytes: float) -> None:
    """Rows of one build."""
    time = Time(least=spent.seconds, median=spent.seconds)
    task = f"build of {name}"
    show(task, f"{minutes:g} minutes", time, spent.seconds / 60 / minutes, ONCE)
    show(task, f"{gigabytes:g} GB", time, spent.gigabytes / gigabytes, ONCE)


def build(home: Path, name: str, pbf: Path, east: float) -> Spent:
    """Build one study in a process of its own."""
    area = home / f"{name}.toml"
    area.write_text(AREA.format(name=name, east=east, pbf=pbf.resolve()))
    words = ["-q", "build", "--area", str(area), "--output", str(home / name), "--afresh"]
    start = [sys.executable, "-c", "from cli.main import run; run()", *words]
    begun = perf_counter()
    output = os.open(os.devnull, os.O_WRONLY)
    child = os.posix_spawn(
        sys.executable, start, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, output, 1)]
    )
    # Of this child alone: what others took at most is not its own.
    _, status, usage = os.wait4(child, 0)
    os.close(output)
    if status:
        raise SystemExit(f"The build of {name} failed.")
    return Spent(seconds=perf_counter() - begun, gigabytes=usage.ru_maxrss / 1024**2)


if __name__ == "__main__":
    main()
