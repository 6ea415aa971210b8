"""All benchmarks, one after another, and a table of the figures that have a floor.

Run it with ``python -m benchmarks``, which takes some minutes. With ``--runs 3`` all of it is run
three times, and the table tells of each figure the worst.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from benchmarks.timing import ROWS, Floor

PARTS = ("builds", "corridors", "extracts", "items", "serving", "tiles")

Row = dict[str, Any]


def main() -> None:
    """Run all of it; each part has a process of its own, so that none weighs on another."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", default="network")
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    begun, runs = perf_counter(), [run(options.network) for _ in range(options.runs)]
    print("\n".join(table(runs)))
    minutes = (perf_counter() - begun) / 60
    print(f"\nThe worst of {options.runs} on {machine()}; {minutes:.1f} minutes in all.")


def run(network: str) -> list[Row]:
    """Figures of one run of all parts."""
    with TemporaryDirectory() as directory:
        rows = Path(directory) / "rows"
        for part in PARTS:
            command = [sys.executable, "-m", f"benchmarks.{part}", "--network", network]
            subprocess.run(command, check=True, env={**os.environ, ROWS: str(rows)})
        return [json.loads(line) for line in rows.read_text().splitlines()]


def table(runs: Sequence[Sequence[Row]]) -> list[str]:
    """Rows of Markdown: of each figure the worst of some runs."""
    lines = ["", "| task | beside | figure | floor or ceiling | |", "|---|---|---|---|---|"]
    for rows in zip(*runs, strict=True):
        worst = (max if rows[0]["at_most"] else min)(rows, key=lambda row: row["ratio"])
        floor = Floor(least=worst["floor"], at_most=worst["at_most"])
        *bound, verdict = floor.verdict(worst["ratio"]).split()
        shown = verdict if verdict == "met" else f"**{verdict.lower()}**"
        cells = (worst["task"], worst["beside"], f"{worst['ratio']:.3g} x", " ".join(bound), shown)
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def machine() -> str:
    """Processors that may be used, and what they are."""
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text().splitlines() if listed.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(os.sched_getaffinity(0))} processors of {names[0] if names else sys.platform}"


if __name__ == "__main__":
    main()
