"""Samples of events: how much a sample bears, and statistics of it as rows of a table.

Where the sample does not bear an estimate, none is given: only the interval and the words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geodata.arrays import Float64Array
from routes.phrases import number
from routes.studies.validation.spatial_bootstrap import Interval

LEAST_EVENTS = 30
"""With fewer events there are only intervals, and the words "not validated"."""
LEAST_BLOCKS = 10
"""Likewise with fewer blocks: thirty events in one town are one observation. Assumption."""
LEAST_DRAWN = 5
"""With fewer blocks there is no interval either: a draw takes so few that it has few values."""
VERDICT_DECIMALS = 3
"""Gains are compared with zero as they are printed, to so many decimals."""
DRAWS = 1000
"""Bootstrap draws. Assumption."""
TOP = (0.05, 0.1, 0.2)
"""Shares of area at which captures are tabulated."""
DECIMALS = 6
"""More would be noise, and would differ between machines."""
COLUMNS = ("statistic", "measure", "of", "against", "country", "events", "blocks", "estimate",
           "low", "high", "words")  # fmt: skip
"""Columns of a row of findings."""

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """How many events a statistic rests on, and whether that is enough.

    Parameters
    ----------
    events, blocks
        Number of events, and of spatial blocks that hold any.
    """

    events: int
    blocks: int

    @property
    def words(self) -> str:
        """Empty, or why nothing is validated."""
        if not self.events:
            return "not validated: no event"
        if self.events < LEAST_EVENTS:
            return f"not validated: {number(self.events, 'event')}, fewer than {LEAST_EVENTS}"
        if self.blocks < LEAST_BLOCKS:
            few = number(self.blocks, "block")
            return f"not validated: {self.events} events, but in {few}, fewer than {LEAST_BLOCKS}"
        return ""


def verdict(gain: Interval) -> str:
    """What the interval of a gain allows to say, as printed and whatever the seed of its draws."""
    if round(gain.low - gain.error, VERDICT_DECIMALS) > 0:
        return "better"
    return "worse" if round(gain.high + gain.error, VERDICT_DECIMALS) < 0 else "no better"


def estimated(value: Interval, sample: Sample) -> Row:
    """An interval with its sample; each of estimate and interval where the sample bears it."""
    drawn = sample.blocks >= LEAST_DRAWN
    return {
        "events": sample.events,
        "blocks": sample.blocks,
        "estimate": None if sample.words else rounded(value.estimate),
        "low": rounded(value.low) if drawn else None,
        "high": rounded(value.high) if drawn else None,
        "words": sample.words,
    }


def rounded(value: float) -> float | None:
    """A number to `DECIMALS`, or None where there is none."""
    return round(float(value), DECIMALS) if np.isfinite(value) else None


def rounded_all(values: Float64Array) -> list[float | None]:
    """Each of them so."""
    return [rounded(value) for value in values]
