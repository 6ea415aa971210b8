"""How much longer and slower a road is than the line drawn for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.optimize import nnls

from geodata.area.geodesy import length, sample
from geodata.area.grid import Raster
from geodata.arrays import Float64Array, Int64Array

SAMPLE_M = 1000.0


class Slopes(NamedTuple):
    """Terrain under a line, from the elevation raster.

    `climb` is the sum of rises and falls in metres a metre, `height` the mean elevation in
    kilometres. A coarse raster hides the relief that makes a road wind; that relief is strongest in
    the highlands, so that height adds what climb misses.
    """

    climb: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Sinuosity:
    """Road length over drawn length: ``1 + base + climb * c + height * h``.

    Parameters
    ----------
    straight
        Base for a straight line between two stops.
    skeleton
        Base for a line along the trunk skeleton, which already bends.
    climb, height
        Factors of the two `Slopes`.
    """

    straight: float
    skeleton: float
    climb: float
    height: float

    def winding(self, slopes: Slopes) -> float:
        """Share of the length that the terrain adds."""
        return self.climb * slopes.climb + self.height * slopes.height

    def of(self, slopes: Slopes, *, unbent: float) -> float:
        """Factor of a line over this terrain; `unbent` is 1 for a straight one, 0 for bends."""
        base = self.straight * unbent + self.skeleton * (1.0 - unbent)
        return 1.0 + base + self.winding(slopes)


# Fitted by `geodata.builder.roads.network.refit` to the routes of the bundled region whose whole
# length is known from a source or from kilometre posts; a test repeats the fit.
FITTED = Sinuosity(straight=0.0808, skeleton=0.0, climb=2.442, height=0.2034)


class ElevationProfile:
    """Slopes under a line, from an elevation raster in degrees WGS 84, row 0 north."""

    def __init__(self, elevation: Raster) -> None:
        metres = np.nan_to_num(np.asarray(elevation.values, float))
        if elevation.nodata is not None:
            metres = np.where(elevation.values == elevation.nodata, 0.0, metres)
        self._metres: Float64Array = np.maximum(metres, 0.0)
        self._inverse = ~elevation.transform

    def at(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Float64Array:
        """Elevation in metres, interpolated between cell centres; the sea counts as 0."""
        x, y, grid = np.asarray(x, float), np.asarray(y, float), self._inverse
        column, row = grid.a * x + grid.b * y + grid.c, grid.d * x + grid.e * y + grid.f
        place = np.vstack([row - 0.5, column - 0.5])
        metres: Float64Array = ndimage.map_coordinates(self._metres, place, order=1, mode="nearest")
        return metres

    def along(self, line: Float64Array) -> Slopes:
        """Slopes under a line of vertices (n, 2), sampled every kilometre."""
        points = sample(line, SAMPLE_M)
        metres = self.at(points[:, 0], points[:, 1])
        climb = float(np.abs(np.diff(metres)).sum()) / max(length(line), 1.0)
        return Slopes(climb=climb, height=float(metres.mean()) / 1000.0)


def fit(
    *,
    route: Int64Array,
    drawn_m: Float64Array,
    slopes: list[Slopes],
    unbent: Float64Array,
    known_m: Float64Array,
) -> Sinuosity:
    """Least squares of known route lengths on their legs, no term below zero.

    For route r with legs l:  known_r = sum_l drawn_l * (1 + base_l + climb_l c + height_l h).
    Each route weighs as one over the root of its drawn length.

    Parameters
    ----------
    route
        Route of each leg.
    unbent
        Value of each leg, as in `Sinuosity.of`.
    known_m
        Length of each route in metres, NaN where it is not known.
    """
    terms = np.column_stack([unbent, 1.0 - unbent, np.array(slopes)]) * drawn_m[:, None]
    count = len(known_m)
    sums = np.column_stack([np.bincount(route, term, minlength=count) for term in terms.T])
    drawn = np.bincount(route, drawn_m, minlength=count)
    use = ~np.isnan(known_m)
    weight = 1.0 / np.sqrt(drawn[use])
    excess = (known_m - drawn)[use]
    fitted, _ = nnls(sums[use] * weight[:, None], excess * weight)
    straight, skeleton, climb, height = fitted
    return Sinuosity(
        straight=float(straight), skeleton=float(skeleton), climb=float(climb), height=float(height)
    )
