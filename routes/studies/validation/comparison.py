"""Comparison: what a surface says at events, beside what it says where they are not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geodata.arrays import BoolArray, Float64Array, Int64Array
from routes.studies.validation.boyce_auc import placements
from routes.studies.validation.discs import Disc
from routes.studies.validation.places import Places


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A surface at events and at towns, each pair read over the disc of the event.

    Parameters
    ----------
    event
        Value at each event; shape (n,).
    towns
        Value at each town over the disc of each event; shape (n, t).
    length
        Share of the length of links that each event outscores, ties counting half; shape (n,).
    """

    event: Float64Array
    towns: Float64Array
    length: Float64Array

    @classmethod
    def empty(cls, places: Places) -> Comparison:
        """One to be filled, event by event."""
        n, t = len(places.events), len(places.towns)
        return cls(event=np.full(n, np.nan), towns=np.full((n, t), np.nan),
                   length=np.full(n, np.nan))  # fmt: skip

    def outscored(self, matched: BoolArray) -> Float64Array:
        """Share of its matched towns that each event outscores, ties counting half.

        NaN where it has none. The mean over events is the AUC: the Mann-Whitney U over the number
        of pairs (Hanley and McNeil 1982, Radiology 143).

        Parameters
        ----------
        matched
            Which towns each event is compared with; shape (n, t).
        """
        event = self.event[:, None]
        won = (self.towns < event) + 0.5 * (self.towns == event)
        pairs = matched.sum(axis=1)
        share = (won * matched).sum(axis=1) / np.maximum(pairs, 1)
        return np.where(pairs > 0, share, np.nan)


class Reader:
    """Reads surfaces over the discs of events; each disc is made once.

    Parameters
    ----------
    places
        Where it reads.
    """

    def __init__(self, places: Places) -> None:
        self.places = places
        shape = places.area.shape
        self._discs = {int(r): Disc.of(int(r), shape) for r in np.unique(places.radius)}

    def compare(self, surface: Float64Array) -> Comparison:
        """A surface at all events."""
        comparison = Comparison.empty(self.places)
        self.fill(comparison, surface, np.arange(len(self.places.events)))
        return comparison

    def fill(self, comparison: Comparison, surface: Float64Array, rows: Int64Array) -> None:
        """Read a surface at some events, and write it into their rows of a comparison."""
        places = self.places
        for radius, disc in self._discs.items():
            here = rows[places.radius[rows] == radius]
            if not len(here):
                continue
            mean = disc.mean(surface).ravel()
            comparison.event[here] = mean[places.events.cell[here]]
            comparison.towns[here] = mean[places.towns.cell]
            comparison.length[here] = placements(
                comparison.event[here], mean[places.way_cell], places.way_km
            )
