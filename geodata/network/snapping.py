"""Snapping: from a place on the ground to the nearest node, with its distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from geodata.area.study_area import StudyArea
from geodata.arrays import BoolArray, Float64Array, Int64Array
from geodata.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Snap:
    """Nearest nodes of points.

    Parameters
    ----------
    node
        Nearest node of each point, -1 beyond the limit.
    metres
        Distance to that node in metres.
    """

    node: Int64Array
    metres: Float64Array


class Snapper:
    """Finds nearest nodes among some of a network's nodes.

    Parameters
    ----------
    area
        Study area, whose metric CRS is used for distances.
    x, y
        Degrees of all nodes.
    among
        Whether each node may be returned; by default, all.
    """

    def __init__(
        self,
        area: StudyArea,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        among: BoolArray | None = None,
    ) -> None:
        self.area = area
        count = len(np.asarray(x))
        self.rows = np.arange(count) if among is None else np.flatnonzero(among)
        east, north = area.project(np.asarray(x)[self.rows], np.asarray(y)[self.rows])
        self.index = cKDTree(np.c_[east, north])

    def nearest(self, x: npt.ArrayLike, y: npt.ArrayLike, *, limit_m: float = np.inf) -> Snap:
        """Nearest node of each point, -1 where none lies within the limit."""
        if not len(self.rows):
            count = len(np.atleast_1d(np.asarray(x)))
            return Snap(node=np.full(count, -1), metres=np.full(count, np.inf))
        points = np.c_[self.area.project(np.atleast_1d(x), np.atleast_1d(y))]
        metres, rows = self.index.query(points)
        node = np.where(metres <= limit_m, self.rows[rows], -1)
        return Snap(node=node, metres=np.asarray(metres, np.float64))

    def nearest_of(
        self, x: float, y: float, usable: BoolArray, *, within_m: float
    ) -> tuple[int, float]:
        """Nearest of some nodes to one point, and its distance; -1 and infinity without nodes.

        Parameters
        ----------
        usable
            Whether each of the network's nodes may be returned.
        within_m
            Distance within which a node is usually found; nodes beyond take longer to find.
        """
        point = np.ravel(self.area.project(x, y))
        near = np.array(sorted(self.index.query_ball_point(point, within_m)), np.int64)
        near = near[usable[self.rows[near]]]
        if not len(near):
            near = np.flatnonzero(usable[self.rows])
        if not len(near):
            return -1, float("inf")
        metres = np.hypot(*(self.index.data[near] - point).T)
        return int(self.rows[near[metres.argmin()]]), float(metres.min())

    def require(self, x: float, y: float, *, limit_m: float, field: str) -> tuple[int, float]:
        """Nearest node of one point, and its distance.

        Raises
        ------
        InputError
            When the nearest node lies beyond the limit; the message says how far.
        """
        snap = self.nearest([x], [y])
        metres = float(snap.metres[0])
        if metres > limit_m:
            remedy = (
                f"The network's nearest node is {metres / 1000:.1f} km away, beyond the limit of "
                f"{limit_m / 1000:.0f} km; choose a point nearer to land or navigable water."
            )
            raise InputError(field, f"{x:g},{y:g}", remedy)
        return int(snap.node[0]), metres
