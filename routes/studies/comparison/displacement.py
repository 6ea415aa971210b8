"""Displacement: where flow leaves and arrives, what that costs it, and what it deters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geodata.arrays import Float64Array
from geodata.errors import DataError, InputError
from routes.phrases import listed
from routes.studies.comparison.passage import TOLERANCE, Passage


def check_elasticity(elasticity: float) -> None:
    """Refuse a value that is not an elasticity.

    Raises
    ------
    InputError
        When it is below zero or not finite.
    """
    if not 0 <= elasticity < np.inf:
        remedy = "Give zero, or how many percent of flow one percent of cost deters."
        raise InputError("elasticity", elasticity, remedy)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What becomes of the flow through each thing of a level.

    Parameters
    ----------
    base, other
        Share of the flow of the base that passes, before and after.
    deterred
        What passed of the flow that is not made any more.
    cost_added
        By how much the least cost of what passed rises, in risk-adjusted hours, its mean; NaN
        where nothing did.
    """

    base: Float64Array
    other: Float64Array
    deterred: Float64Array
    cost_added: Float64Array

    @property
    def change(self) -> Float64Array:
        """What is gained, or below zero what is lost."""
        return self.other - self.base


@dataclass(frozen=True, kw_only=True)
class Displacement:
    """One scenario beside another, demand by demand.

    Parameters
    ----------
    base, other
        How the flow of each passes.
    elasticity
        By how many percent the flow of a demand falls when its least cost rises by one percent.

    Raises
    ------
    InputError
        When the elasticity is not valid.
    DataError
        When the demands differ.
    """

    base: Passage
    other: Passage
    elasticity: float = 0.0

    def __post_init__(self) -> None:
        check_elasticity(self.elasticity)
        one, two = ((p.origin, p.destination) for p in (self.base, self.other))
        if one != two or not np.allclose(self.base.share, self.other.share, atol=TOLERANCE):
            remedy = (
                "Its flow does not begin at the same places as that of the base: what is closed "
                "may hold some of them. Compare results whose flow begins alike."
            )
            raise DataError("other", listed(sorted({*self.other.origin})), remedy)

    @property
    def added(self) -> Float64Array:
        """Rise of the least cost of each demand, in risk-adjusted hours.

        It is the least cost, not the mean over all ways: that falls when a dear way is closed,
        which is no gain to those who took it.
        """
        return np.asarray(self.other.least - self.base.least)

    @property
    def staying(self) -> Float64Array:
        """Share of each demand that is still made: (cost / cost before) ^ -elasticity."""
        before, after = self.base.least, self.other.least
        dearer = np.divide(after, before, out=np.ones_like(before), where=before > 0)
        return np.asarray(dearer**-self.elasticity)

    def at(self, level: str) -> Change:
        """What becomes of the flow through each thing of a level."""
        base, staying = self.base, self.staying
        before = base.usage(level)
        paid = base.usage(level, self.added)
        return Change(
            base=before,
            other=self.other.usage(level, staying),
            deterred=base.usage(level, 1 - staying),
            cost_added=np.divide(paid, before, out=np.full_like(paid, np.nan), where=before > 0),
        )

    def books(self) -> Books:
        """What leaves and what arrives, way by way."""
        staying, before, after = self.staying, self.base.ways, self.other.ways
        moved = np.array(
            [
                staying[way.demand] * after.get(way, 0.0) - before.get(way, 0.0)
                for way in sorted({*before, *after})
            ]
        )
        return Books(
            lost=float(-moved[moved < 0].sum()),
            gained=float(moved[moved > 0].sum()),
            deterred=float(self.base.known @ (1 - staying)),
            cost=float(np.average(self.base.least, weights=self.base.known)),
            cost_added=float(np.average(self.added, weights=self.base.known)),
        )

    def demands(self) -> list[dict[str, Any]]:
        """Costs and flow of each demand; those of one origin and destination together. JSON."""
        base, rows = self.base, dict[tuple[str, str], list[int]]()
        for number, pair in enumerate(zip(base.origin, base.destination, strict=True)):
            rows.setdefault(pair, []).append(number)
        return [self._demand(pair, several) for pair, several in rows.items()]

    def _demand(self, pair: tuple[str, str], rows: Sequence[int]) -> dict[str, Any]:
        """Costs and flow of some demands together."""
        origin, destination = pair
        own = self.base.known[list(rows)]
        costs, added = (each[list(rows)] for each in (self.base.least, self.added))
        return {
            "origin": origin,
            "destination": destination,
            "usage": float(own.sum()),
            "cost": float(np.average(costs, weights=own)),
            "cost_added": float(np.average(added, weights=own)),
            "deterred": float(own @ (1 - self.staying[list(rows)])),
        }


@dataclass(frozen=True, kw_only=True)
class Books:
    """What leaves some ways and what arrives on others, as shares of the flow of the base.

    Parameters
    ----------
    lost, gained
        By ways that lose and that gain: a way is of one demand and passes the same gateways.
    deterred
        What is not made any more; below zero where lower costs draw flow.
    cost, cost_added
        Least cost before, and its rise, in risk-adjusted hours: means over all flow.
    """

    lost: float
    gained: float
    deterred: float
    cost: float
    cost_added: float

    @property
    def difference(self) -> float:
        """By how much the books do not balance."""
        return self.lost - self.gained - self.deterred

    def record(self) -> dict[str, float]:
        """The books as a JSON object."""
        return {**vars(self), "difference": self.difference}


def check_books(displacement: Displacement, *, name: str, off: float) -> Books:
    """The books, which must balance.

    Parameters
    ----------
    name
        Of the result that is compared.
    off
        The most by which what comes to a node differs from what leaves it.

    Raises
    ------
    DataError
        When they are off by more than `TOLERANCE`: in all, at a node, or because a search was
        cut off before any corridor of a demand was known.
    """
    base, other = displacement.base, displacement.other
    unknown = base.unknown | other.unknown
    if unknown.any():
        origins = sorted({base.origin[row] for row in np.flatnonzero(unknown)})
        remedy = (
            f"From {listed(origins)} a search came to no end in one of the results or both, "
            "so that what became of its flow is not known: compute both with less slack."
        )
        raise DataError("other", name, remedy)
    books = displacement.books()
    if max(abs(books.difference), off) > TOLERANCE:
        remedy = (
            f"What leaves differs from what arrives and is deterred by {books.difference:.1e} in "
            f"all and {off:.1e} at a node: this is a fault of Vereda, report it."
        )
        raise DataError("other", name, remedy)
    return books
