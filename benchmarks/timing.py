"""Timing on a machine that others use too.

Contestants take turns, and the least time of each, which others disturbed least, is compared;
its median stands beside it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

ROWS = "BENCHMARK_ROWS"
"""Names the file that rows are noted in, for the table of `python -m benchmarks`."""


@dataclass(frozen=True, kw_only=True)
class Floor:
    """A figure that has to be reached.

    Parameters
    ----------
    at_most
        Whether the figure is a ceiling.
    """

    least: float
    at_most: bool = False

    def verdict(self, value: float) -> str:
        """The floor, and whether it is met."""
        met = value <= self.least if self.at_most else value >= self.least
        return f"{'<=' if self.at_most else '>='} {self.least:g} {'met' if met else 'MISSED'}"


@dataclass(frozen=True, kw_only=True)
class Time:
    """Seconds that something takes."""

    least: float
    median: float

    def __truediv__(self, other: Time) -> float:
        return self.least / other.least


def race(contestants: Mapping[str, Callable[[], Any]], *, repeats: int) -> dict[str, Time]:
    """Seconds of each, in turns, after one call that does not count."""
    spent: dict[str, list[float]] = {name: [] for name in contestants}
    for call in contestants.values():
        call()
    for _ in range(repeats):
        for name, call in contestants.items():
            begun = perf_counter()
            call()
            spent[name].append(perf_counter() - begun)
    return {name: Time(least=min(times), median=median(times)) for name, times in spent.items()}


def show(
    task: str, who: str, time: Time, ratio: float | None = None, floor: Floor | None = None
) -> None:
    """One row of the table."""
    times = "" if ratio is None else f"{ratio:8.2f} x"
    verdict = floor.verdict(ratio) if floor and ratio is not None else ""
    milliseconds = f"{time.least * 1000:>10.2f}{time.median * 1000:>10.2f}"
    print(f"{task:<32}{who:<36}{milliseconds}  {times:<12}{verdict}", flush=True)
    if floor and ratio is not None and (place := os.environ.get(ROWS)):
        row = {"task": task, "beside": who, "ratio": ratio, "floor": floor.least,
               "at_most": floor.at_most}  # fmt: skip
        with Path(place).open("a") as rows:
            rows.write(json.dumps(row) + "\n")


def heading() -> None:
    """Heading of the table."""
    print(f"{'task':<32}{'engine':<36}{'least ms':>10}{'median':>10}  {'ratio':<12}floor")
