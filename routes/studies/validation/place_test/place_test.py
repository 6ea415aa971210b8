"""The test at places: whether an answer tells events from towns away from them.

The protocol is in ``docs/validation.md``. What counts is the *paired gain*: how much more of its
background an event outscores by the answer than by a ruler, mean over events, with an interval by
bootstrap of blocks. Events and background are the same on both sides, so that what makes all AUC
of a region high or low, such as where records are made, is in both and falls out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from geodata.arrays import BoolArray, Float64Array
from geodata.errors import DataError
from geodata.network.network import Network
from routes.router import Router
from routes.scenario.scenario import Scenario
from routes.studies.defaults import TOLERANCE_M, VALIDATION_SEED
from routes.studies.validation.boyce_auc import smoothed_boyce
from routes.studies.validation.null_models import straight_lines
from routes.studies.validation.place_test.answers import (
    ANSWER,
    GATEWAY,
    USAGE,
    WAY,
    WEIGHTLESS,
    Answer,
    twins,
)
from routes.studies.validation.place_test.event_roles import AIR, TRANSIT, GatewayRanks
from routes.studies.validation.place_test.geography import GEOGRAPHY, geography
from routes.studies.validation.place_test.places import ALL_TOWNS, COUNTRY, Places
from routes.studies.validation.place_test.rulers import geographic_rulers
from routes.studies.validation.place_test.surface_reading import Reader, SurfaceReading
from routes.studies.validation.sample import DRAWS, TOP, Sample
from routes.studies.validation.spatial_bootstrap import Draws, Interval

OWN = (ANSWER, WAY, GATEWAY, USAGE)
"""Surfaces of the answer itself."""
HEADLINE = (GEOGRAPHY, WEIGHTLESS)
"""What the answer must beat."""
FINER = 10
"""Times as many draws for gains over these, whose bounds decide the headline."""
NEARNESS = "nearness of gateways"
_Scores = Mapping[str, Mapping[str, Float64Array]]
"""Share of its towns that each event outscores, by background and surface."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A statistic of some events, with its interval.

    Parameters
    ----------
    statistic
        Such as ``auc`` or ``gain``.
    background
        What events are compared with.
    of, against
        The surface, and for a gain the one that it is compared with.
    country, role
        Whose events; empty for all.
    sample
        How many they are.
    """

    statistic: str
    background: str
    of: str
    against: str = ""
    country: str = ""
    role: str = ""
    sample: Sample
    value: Interval


@dataclass(frozen=True, kw_only=True)
class PlaceTest:
    """What events say of an answer at places.

    Parameters
    ----------
    sample
        Events and their blocks.
    towns, districts
        How many towns they are compared with, in how many districts that hold an event.
    figures
        All statistics.
    """

    sample: Sample
    towns: int
    districts: int
    figures: tuple[Figure, ...]

    def select(self, **columns: str) -> list[Figure]:
        """Figures whose attributes have some values."""
        return [
            each for each in self.figures
            if all(getattr(each, name) == value for name, value in columns.items())
        ]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Surfaces:
    """What events are held against.

    Parameters
    ----------
    answer, usage
        Nearness and usage of a result.
    twins
        Nearness of the same scenario blind to scores, `WEIGHTLESS` among them.
    rulers
        Surfaces that know nothing but the map; together they are `GEOGRAPHY`.
    """

    answer: Answer
    usage: Float64Array
    twins: Mapping[str, Answer]
    rulers: Mapping[str, Float64Array]

    @classmethod
    def of(
        cls,
        router: Router,
        scenario: Scenario,
        *,
        answer: Answer,
        usage: Float64Array,
        tolerance_m: float = TOLERANCE_M,
    ) -> Surfaces:
        """Those of a result and its scenario.

        Raises
        ------
        NoPathError
            When no path leads to a destination.
        """
        network = router.network
        straight = straight_lines(network, scenario, router=router)
        rulers = geographic_rulers(network, straight, tolerance_m=tolerance_m)
        return cls(answer=answer, usage=usage, twins=twins(router, scenario), rulers=rulers)

    def all(self, network: Network) -> dict[str, Float64Array]:
        """Surfaces by name, `ANSWER` first."""
        twins = {name: twin.surface(network) for name, twin in self.twins.items()}
        return {**self.answer.surfaces(network, self.usage), **twins, **self.rulers}


@dataclass(frozen=True, kw_only=True)
class Bootstrap:
    """Draws of blocks for any part of the events."""

    places: Places
    draws: int
    seed: int

    def of(self, rows: BoolArray) -> tuple[Sample, Draws]:
        """Sample and draws of some events."""
        drawn = Draws.of(self.places.events.block[rows], draws=self.draws, seed=self.seed)
        return Sample(events=int(rows.sum()), blocks=drawn.blocks), drawn

    def mean(self, values: Float64Array, rows: BoolArray | None = None) -> tuple[Sample, Interval]:
        """Mean over those of some events that have a value."""
        known = np.isfinite(values) if rows is None else np.isfinite(values) & rows
        sample, drawn = self.of(known)
        return sample, drawn.mean(values[known])


def compare_at_places(
    network: Network,
    places: Places,
    surfaces: Surfaces,
    *,
    draws: int = DRAWS,
    seed: int = VALIDATION_SEED,
) -> PlaceTest:
    """Hold events against towns, by an answer and by what it must beat.

    Raises
    ------
    DataError
        When there is no town to compare with, or all events lie in one block.
    """
    if not len(places.towns):
        remedy = "No town of the districts that hold events lies 3 km off all of them."
        raise DataError("background", 0, remedy)
    reader = Reader(places)
    compared = {name: reader.compare(each) for name, each in surfaces.all(network).items()}
    compared[GEOGRAPHY] = geography(reader, surfaces.rulers, compared, seed=seed)
    bootstrap = Bootstrap(places=places, draws=draws, seed=seed)
    scores = {
        background: {name: each.outscored(matched) for name, each in compared.items()}
        for background, matched in places.matched().items()
    }
    ways = {name: reader.compare(twin.cell) for name, twin in surfaces.twins.items()}
    return PlaceTest(
        sample=bootstrap.of(np.ones(len(places.events), bool))[0],
        towns=len(places.towns),
        districts=places.districts,
        figures=(
            *_aucs(scores, bootstrap),
            *_gains(scores, bootstrap),
            *_captures(compared, bootstrap),
            *_boyces(scores[ALL_TOWNS], bootstrap),
            *_way_roles(scores[ALL_TOWNS], ways, bootstrap),
            *_gateway_roles(network, surfaces, bootstrap),
        ),
    )


def _aucs(scores: _Scores, bootstrap: Bootstrap) -> Iterator[Figure]:
    """AUC of each surface by each background, and within each country."""
    for background, by_surface in scores.items():
        for name, share in by_surface.items():
            sample, value = bootstrap.mean(share)
            yield Figure(
                statistic="auc", background=background, of=name, sample=sample, value=value
            )
    for country in _countries(bootstrap.places):
        own = bootstrap.places.events.country == country
        for name, share in scores[COUNTRY].items():
            sample, value = bootstrap.mean(share, own)
            yield Figure(statistic="auc", background=COUNTRY, of=name, country=country,
                         sample=sample, value=value)  # fmt: skip


def _gains(scores: _Scores, bootstrap: Bootstrap) -> Iterator[Figure]:
    """Paired gain of the answer over each null and ruler, in all and within each country."""
    everywhere = np.ones(len(bootstrap.places.events), bool)
    parts = [(background, "", everywhere) for background in scores]
    parts += [(COUNTRY, each, bootstrap.places.events.country == each)
              for each in _countries(bootstrap.places)]  # fmt: skip
    finer = replace(bootstrap, draws=FINER * bootstrap.draws)
    for background, country, rows in parts:
        ours = scores[background][ANSWER]
        for name, share in scores[background].items():
            if name in OWN:
                continue
            drawn = finer if name in HEADLINE else bootstrap
            sample, value = drawn.mean(ours - share, rows)
            yield Figure(statistic="gain", background=background, of=ANSWER, against=name,
                         country=country, sample=sample, value=value)  # fmt: skip


def _countries(places: Places) -> list[str]:
    """Countries that hold an event."""
    return sorted(set(places.events.country.tolist()))


def _captures(compared: Mapping[str, SurfaceReading], bootstrap: Bootstrap) -> Iterator[Figure]:
    """Share of events among the links that a surface ranks first, by their length."""
    for name, each in compared.items():
        known = np.isfinite(each.length)
        sample, drawn = bootstrap.of(known)
        for top in TOP:
            value = drawn.share((each.length[known] >= 1 - top).astype(float))
            yield Figure(statistic=f"captured in top {top:.0%} of length",
                         background="length of links", of=name, sample=sample,
                         value=value)  # fmt: skip


def _boyces(scores: Mapping[str, Float64Array], bootstrap: Bootstrap) -> Iterator[Figure]:
    """Smoothed Boyce index of each surface."""
    for name, share in scores.items():
        known = np.isfinite(share)
        sample, drawn = bootstrap.of(known)
        yield Figure(statistic="smoothed boyce index", background=ALL_TOWNS, of=name,
                     sample=sample, value=smoothed_boyce(share[known], drawn))  # fmt: skip


def _way_roles(
    scores: Mapping[str, Float64Array], ways: Mapping[str, SurfaceReading], bootstrap: Bootstrap
) -> Iterator[Figure]:
    """Nearness by way at events of transit, and its gain over geography and the twins' ways."""
    places = bootstrap.places
    every = places.matched()[ALL_TOWNS]
    against = {GEOGRAPHY: scores[GEOGRAPHY]} | {
        name: each.outscored(every) for name, each in ways.items()
    }
    for role in (TRANSIT, AIR):
        rows = places.role == role
        if not rows.any():
            continue
        sample, value = bootstrap.mean(scores[WAY], rows)
        yield Figure(statistic="auc", background=ALL_TOWNS, of=WAY, role=role, sample=sample,
                     value=value)  # fmt: skip
        for name, share in against.items():
            sample, value = bootstrap.mean(scores[WAY] - share, rows)
            yield Figure(statistic="gain", background=ALL_TOWNS, of=WAY, against=name, role=role,
                         sample=sample, value=value)  # fmt: skip


def _gateway_roles(network: Network, surfaces: Surfaces, bootstrap: Bootstrap) -> Iterator[Figure]:
    """Rank of gateways within their kind at events that tell of one, and its gain."""
    places = bootstrap.places
    for role in sorted({*places.role.tolist()} - {TRANSIT, AIR, ""}):
        rows = places.role == role
        ranks = GatewayRanks.of(network, role, places.xy, places.radius_m)
        ours = ranks.mean(surfaces.answer.gateway)
        sample, value = bootstrap.mean(ours, rows)
        yield Figure(statistic="rank within kind", background=role, of=NEARNESS, role=role,
                     sample=sample, value=value)  # fmt: skip
        for name, twin in surfaces.twins.items():
            sample, value = bootstrap.mean(ours - ranks.mean(twin.gateway), rows)
            yield Figure(statistic="gain", background=role, of=NEARNESS, against=name, role=role,
                         sample=sample, value=value)  # fmt: skip
