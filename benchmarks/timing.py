"""Timing on a machine that others use too.

Contestants take turns, and the least time of each, which others disturbed least, is compared;
its median stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any


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


def heading() -> None:
    """Heading of the table."""
    print(f"{'task':<32}{'engine':<36}{'least ms':>10}{'median':>10}  {'ratio':<12}floor")
