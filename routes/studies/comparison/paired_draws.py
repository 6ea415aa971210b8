"""Paired draws: how sure a change is where both scenarios get the same draws.

What both share cancels: the interval of a difference is narrower than the difference of two
intervals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geodata.arrays import Float64Array, Int64Array
from geodata.computing.tasks import Check, in_order, unhindered
from routes.router import Router
from routes.scenario.costs.draws import Uncertainty
from routes.scenario.profiles import Profile
from routes.scenario.scenario import Scenario
from routes.studies.comparison.displacement import Displacement
from routes.studies.comparison.passage import Passage
from routes.studies.ensemble import Progress, draw_of, drawn_flow

LEAST_DRAWS = 2
"""Fewer draws have no interval."""
LEAST_CHANGE = 1e-9
"""What changes less has no sign."""


@dataclass(frozen=True, kw_only=True)
class SharedDraws:
    """The draws that scenarios share.

    Parameters
    ----------
    count, seed
        How many, and what they follow from; none where `count` is 0.
    spread
        How far the inputs may be off.
    """

    count: int
    seed: int
    spread: Uncertainty

    def record(self, *profiles: Profile) -> dict[str, float]:
        """The draws as a JSON object, without settings that no draw of some profiles uses."""
        read = {key: value for each in profiles for key, value in self.spread.record(each).items()}
        return {"draws": self.count, "seed": self.seed, **read}


Rows = Mapping[str, Int64Array]
"""Things that are reported, by level."""
Changes = dict[str, list[Float64Array]]
"""By level, the change of each of them, draw by draw."""


@dataclass(frozen=True, kw_only=True)
class PairedChanges:
    """Changes of usage from a base to some other scenarios.

    Parameters
    ----------
    others
        Of each of the others; none where fewer than `LEAST_DRAWS` are not cut off.
    cut_off
        Draws that are left out: in one of the scenarios a search was cut off, so that what became
        of its flow is not known.
    """

    others: list[Changes]
    cut_off: int


def paired_changes(
    router: Router,
    base: Scenario,
    others: Sequence[Scenario],
    draws: SharedDraws,
    *,
    rows: Sequence[Rows],
    elasticity: float,
    progress: Progress = lambda _: None,
    check: Check = unhindered,
) -> PairedChanges:
    """Changes of usage from a base to each of some other scenarios, draw by draw.

    Parameters
    ----------
    rows
        What is reported of each of the others.
    check
        Function called every few milliseconds; an exception that it raises ends the work.
    """
    router.prepare()

    def passages(number: int) -> Iterator[Passage]:
        for scenario in (base, *others):
            draw = draw_of(router, scenario, draws.spread, seed=draws.seed, number=number)
            yield Passage.of(router.network, drawn_flow(router, scenario, draw, check=check))

    def changes(number: int) -> list[dict[str, Float64Array]]:
        before, *after = passages(number)
        if any(each.unknown.any() for each in (before, *after)):
            return []
        moves = (Displacement(base=before, other=each, elasticity=elasticity) for each in after)
        return [
            {level: move.at(level).change[kept] for level, kept in each.items()}
            for move, each in zip(moves, rows, strict=True)
        ]

    drawn: list[Changes] = [{level: [] for level in each} for each in rows]
    cut_off = 0
    for number, answers in enumerate(in_order(changes, range(draws.count), threads=router.threads)):
        cut_off += not answers
        for so_far, answer in zip(drawn, answers, strict=False):
            for level, values in answer.items():
                so_far[level].append(values)
        progress(f"draw {number + 1} of {draws.count}")
    if draws.count - cut_off < LEAST_DRAWS:
        drawn = [{level: [] for level in each} for each in rows]
    return PairedChanges(others=drawn, cut_off=cut_off)


def certainty(change: Float64Array, drawn: Sequence[Float64Array]) -> pd.DataFrame:
    """Mean and interval of each change, and the share of draws in which its sign holds.

    Parameters
    ----------
    change
        What is reported, by thing.
    drawn
        The same by draw.
    """
    values = np.reshape(drawn, (len(drawn), len(change)))
    low, high = np.quantile(values, [0.05, 0.95], axis=0)
    signs = np.where(np.abs(values) > LEAST_CHANGE, np.sign(values), 0)
    alike = (signs == np.sign(change)).mean(axis=0)
    return pd.DataFrame(
        {
            "change_mean": values.mean(axis=0),
            "change_low": low,
            "change_high": high,
            "sign_share": np.where(np.abs(change) > LEAST_CHANGE, alike, np.nan),
        }
    )
