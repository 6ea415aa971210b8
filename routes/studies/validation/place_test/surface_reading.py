"""Readings of a surface: what it says at events, beside what it says where they are not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geodata.arrays import Float64Array, Int64Array
from routes.studies.validation.boyce_auc import placements
from routes.studies.validation.place_test.discs import Disc, squares
from routes.studies.validation.place_test.places import Matched, Places


@dataclass(frozen=True, kw_only=True)
class SurfaceReading:
    """A surface at events and at towns, each pair read over the disc of the event.

    Towns are read once for all events that are known as exactly: there may be many of both.

    Parameters
    ----------
    event
        Value at each event, NaN where there is none; shape (n,).
    towns
        Value at each town over each disc; shape (discs, t).
    row
        Row of `towns` that each event is compared with; shape (n,).
    length
        Share of the length of links that each event outscores, ties counting half; shape (n,).
    """

    event: Float64Array
    towns: Float64Array
    row: Int64Array
    length: Float64Array

    def outscored(self, matched: Matched) -> Float64Array:
        """Share of its matched towns that each event outscores, ties counting half.

        NaN where it has none, or no value. The mean over events is the AUC: the Mann-Whitney U
        over the number of pairs (Hanley and McNeil 1982, Radiology 143).
        """
        share = np.full(len(self.event), np.nan)
        known = np.isfinite(self.event)
        for code in np.unique(matched.events):
            towns = self.towns[:, matched.towns == code]
            own = known & (matched.events == code)
            for row in np.unique(self.row[own]) if towns.shape[1] else ():
                here = own & (self.row == row)
                share[here] = placements(self.event[here], towns[row])
        return share


class Reader:
    """Reads surfaces over the discs of events; each disc is made once.

    Parameters
    ----------
    places
        Where it reads.
    """

    def __init__(self, places: Places) -> None:
        self.places = places
        area = places.area
        alike, self._row = np.unique(squares(places.radius_m, area.cell_m), return_inverse=True)
        self._discs = [Disc.of(int(square), area.shape) for square in alike]

    def compare(self, surface: Float64Array) -> SurfaceReading:
        """A surface at all events."""
        places = self.places
        event, length = np.empty((2, len(places.events)))
        towns = np.empty((len(self._discs), len(places.towns)))
        for row, disc in enumerate(self._discs):
            here = self._row == row
            mean = disc.mean(surface).ravel()
            towns[row] = mean[places.towns.cell]
            event[here] = mean[places.events.cell[here]]
            length[here] = placements(event[here], mean[places.way_cell], places.way_km)
        return SurfaceReading(event=event, towns=towns, row=self._row, length=length)
