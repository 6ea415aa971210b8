"""Validation: how a result compares with dated, located events, and with rules blind to scores.

Presence-only statistics: there are no places known to be free of events. They say whether
events lie where a model sends flow more often than where straight lines, the fastest paths or
the roads would send it. They do not say that the model is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geodata.arrays import Float64Array, Int64Array
from geodata.errors import DataError
from routes.phrases import listed, number
from routes.studies.defaults import TOLERANCE_M, VALIDATION_SEED
from routes.studies.validation.boyce_auc import BlockedAuc, Boyce, blocked_auc, boyce
from routes.studies.validation.cell_test.capture_curve import (
    MEASURES,
    SHARES,
    Measure,
    Ranking,
    rank_cells,
)
from routes.studies.validation.sample import DRAWS, TOP, Sample, verdict
from routes.studies.validation.spatial_bootstrap import Draws, Interval, require_blocks
from routes.studies.validation.validation_cells import Placed, ValidationCells

BACKGROUND = 10_000
"""Cells drawn from a country as background; all where it has fewer."""
MODEL = "model"
_Rankings = Mapping[Measure, Mapping[str, Ranking]]
"""Cells in the order of each surface, by measure and by name of the surface."""


@dataclass(frozen=True, kw_only=True)
class Capture:
    """Capture curve of one surface.

    Parameters
    ----------
    name
        `MODEL` or the null.
    curve, low, high
        Share of events within each of `SHARES` of the area, with its interval.
    top
        Capture at each of `TOP`.
    area
        Area under the curve: 0.5 is chance.
    """

    name: str
    measure: Measure
    curve: Float64Array
    low: Float64Array
    high: Float64Array
    top: tuple[Interval, ...]
    area: Interval


@dataclass(frozen=True, kw_only=True)
class Gain:
    """Area between the model's capture curve and that of a null."""

    null: str
    measure: Measure
    area: Interval

    @property
    def verdict(self) -> str:
        """What the interval allows to say."""
        return verdict(self.area)


@dataclass(frozen=True, kw_only=True)
class CountryAuc:
    """Presence-background AUC within one country."""

    country: str
    sample: Sample
    background: int
    blocked: BlockedAuc


@dataclass(frozen=True, kw_only=True, repr=False)
class Validation:
    """All that a set of events says of a surface.

    Parameters
    ----------
    left_out
        Events that could not be used, by reason.
    moved
        Events moved to a neighbouring cell of the ground.
    inexact
        Events whose own place may be farther off than the tolerance.
    settings
        Tolerance, blocks, draws, seed and size of the ground.
    cut_off
        What a search that was cut off leaves out, in words, by surface; empty where it was not.
    """

    sample: Sample
    left_out: Mapping[str, int]
    moved: int
    inexact: int
    captures: tuple[Capture, ...]
    gains: tuple[Gain, ...]
    boyce: Boyce
    countries: tuple[CountryAuc, ...]
    settings: Mapping[str, float]
    cut_off: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """What to quote: the curves in full would fill a notebook."""
        return f"<Validation: {self.headline}>"

    @property
    def headline(self) -> str:
        """What to quote: what the events say, and how many are too inexact to say it."""
        return f"{self._verdict}{self._exactness}"

    @property
    def _exactness(self) -> str:
        if not self.inexact:
            return ""
        return (
            f" Of {number(self.sample.events, 'event')}, {self.inexact:,} may lie farther off than "
            f"the tolerance of {self.settings['tolerance_km']:g} km."
        )

    @property
    def _verdict(self) -> str:
        if self.sample.words:
            return f"{_capital(self.sample.words)}. Intervals only."
        verdicts = {gain.null: gain.verdict for gain in self.gains if gain.measure == "usage"}
        better = [null for null, verdict in verdicts.items() if verdict == "better"]
        if len(better) == len(verdicts):
            nulls = listed(list(verdicts))
            return f"On these events the model does better than {nulls}."
        failed = [f"{verdict} than {null}" for null, verdict in verdicts.items()
                  if verdict != "better"]  # fmt: skip
        rest = f", though better than {listed(better)}" if better else ""
        return f"On these events the model does {listed(failed)}{rest}."

    @property
    def words(self) -> list[str]:
        """What must be read with the numbers."""
        dropped = [f"{n} {reason}" for reason, n in self.left_out.items() if n]
        left = f" Left out: {', '.join(dropped)}." if dropped else " None was left out."
        moved = f" {self.moved} moved to the next cell of the ground." if self.moved else ""
        return [
            f"{number(self.sample.events, 'event')} in {number(self.sample.blocks, 'block')} of "
            f"{self.settings['block_km']:g} km.{left}{moved}",
            "Calibrating and testing on the same events proves nothing: any event that helped to "
            "set the profile's weights, fees or ends must not be among these.",
            "Events are records. They lie where somebody looked and wrote down, so a model may "
            "score well by following police and roads.",
            *(f"In the {'result' if name == MODEL else name}, {words}"
              for name, words in self.cut_off.items() if words),
        ]  # fmt: skip


def validate(
    ground: ValidationCells,
    surfaces: Mapping[str, npt.ArrayLike],
    placed: Placed,
    *,
    left_out: Mapping[str, int] | None = None,
    precision_km: npt.ArrayLike = np.nan,
    tolerance_m: float = TOLERANCE_M,
    draws: int = DRAWS,
    seed: int = VALIDATION_SEED,
) -> Validation:
    """Hold events against a model's usage and against nulls.

    Parameters
    ----------
    ground
        Cells that count.
    surfaces
        Usage on the area's grid: `MODEL` first, then the nulls by name.
    placed
        Events on the ground; those outside are left out.
    left_out
        Events left out before, by reason.
    precision_km
        How far off each event may be, NaN where nobody says.

    Raises
    ------
    DataError
        When no event is left, or all lie in one block.

    Examples
    --------
    >>> import numpy as np
    >>> from geodata import load_network, read_record
    >>> from geodata.publication import read_density
    >>> from routes import Scenario
    >>> from routes.studies.validation import MODEL, null_surfaces, place, study_ground, validate
    >>> network, record = load_network("network"), read_record("out")
    >>> ground = study_ground(network, on="land", block_m=50_000)
    >>> events = place(ground, np.array([-88.4, -89.4]), np.array([15.6, 14.4]))
    >>> nulls = null_surfaces(network, Scenario.from_record(record["scenario"])).surfaces
    >>> surfaces = {MODEL: read_density("out", network), **nulls}
    >>> validate(ground, surfaces, events, draws=20).sample.events
    2
    """
    dropped = {**(left_out or {}), "off the ground": placed.outside}
    cell = _cells_of_events(ground, placed, dropped)
    drawn = Draws.of(ground.block[cell], draws=draws, seed=seed)
    rankings = _rank_surfaces(ground, surfaces, tolerance_m)
    model = rankings["usage"][MODEL].score
    return Validation(
        sample=Sample(events=len(cell), blocks=drawn.blocks),
        left_out=dropped, moved=placed.moved, inexact=_inexact(placed, precision_km, tolerance_m),
        captures=tuple(_captures(rankings, cell, drawn)),
        gains=tuple(_gains(rankings, cell, drawn)),
        boyce=boyce(model[cell], model, drawn),
        countries=tuple(_countries(ground, model, cell, draws=draws, seed=seed)),
        settings=_settings(ground, tolerance_m=tolerance_m, draws=draws, seed=seed),
    )  # fmt: skip


def _cells_of_events(
    ground: ValidationCells, placed: Placed, dropped: Mapping[str, int]
) -> Int64Array:
    """Cells of the events on the ground, which lie in two blocks at least."""
    cell = placed.cell[placed.cell >= 0]
    if not len(cell):
        raise DataError("events", dropped, "No event is left to compare with.")
    require_blocks(ground.block[cell])
    return cell


def _inexact(placed: Placed, precision_km: npt.ArrayLike, tolerance_m: float) -> int:
    """How many events on the ground may lie further off than the tolerance."""
    return int(((placed.cell >= 0) & (np.asarray(precision_km) > tolerance_m / 1000)).sum())


def _settings(
    ground: ValidationCells, *, tolerance_m: float, draws: int, seed: int
) -> dict[str, float]:
    """What a validation was computed with."""
    return {
        "tolerance_km": tolerance_m / 1000,
        "block_km": ground.block_m / 1000,
        "draws": draws,
        "seed": seed,
        "cells": len(ground.cell),
    }


def _rank_surfaces(
    ground: ValidationCells, surfaces: Mapping[str, npt.ArrayLike], tolerance_m: float
) -> _Rankings:
    """Cells in the order of each surface, by each measure."""
    return {
        measure: {
            name: rank_cells(ground, surface, tolerance_m=tolerance_m, measure=measure)
            for name, surface in surfaces.items()
        }
        for measure in MEASURES
    }


def _captures(rankings: _Rankings, cell: Int64Array, drawn: Draws) -> Iterator[Capture]:
    """What each surface captures, by each measure."""
    for measure, ranked in rankings.items():
        for name, ranking in ranked.items():
            yield _capture(name, measure, ranking, cell, drawn)


def _gains(rankings: _Rankings, cell: Int64Array, drawn: Draws) -> Iterator[Gain]:
    """How much more the model captures than each null, by each measure."""
    for measure, ranked in rankings.items():
        model = ranked[MODEL].score
        for name, ranking in ranked.items():
            if name != MODEL:
                area = drawn.mean((model - ranking.score)[cell])
                yield Gain(null=name, measure=measure, area=area)


def _capture(
    name: str, measure: Measure, ranking: Ranking, cell: Int64Array, drawn: Draws
) -> Capture:
    captured = ranking.captured(cell)
    bounds = [drawn.share(column) for column in captured.T[1:-1]]
    bounds = [_certain(0.0), *bounds, _certain(1.0)]
    return Capture(
        name=name,
        measure=measure,
        curve=np.array([bound.estimate for bound in bounds]),
        low=np.array([bound.low for bound in bounds]),
        high=np.array([bound.high for bound in bounds]),
        top=tuple(bounds[int(np.argmin(np.abs(SHARES - share)))] for share in TOP),
        area=drawn.mean(ranking.score[cell]),
    )


def _certain(value: float) -> Interval:
    """None of the area holds no event, and all of it every one."""
    return Interval(estimate=value, low=value, high=value)


def _countries(
    ground: ValidationCells, score: Float64Array, cell: Int64Array, *, draws: int, seed: int
) -> Iterator[CountryAuc]:
    """AUC in each country of the ground, also where it holds no event."""
    for country in ground.area.countries:
        inside = np.flatnonzero(ground.country == country)
        if not len(inside):
            continue
        rng = np.random.default_rng([seed, *country.encode()])
        count = min(BACKGROUND, len(inside))
        background = rng.choice(inside, count, replace=False)
        own = cell[ground.country[cell] == country]
        drawn = Draws.of(ground.block[own], draws=draws, seed=seed)
        yield CountryAuc(
            country=country,
            sample=Sample(events=len(own), blocks=drawn.blocks),
            background=count,
            blocked=blocked_auc(score[own], score[background], drawn),
        )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
