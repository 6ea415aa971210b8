"""Roles: what an event tells of, where it says what it is.

A seizure on a road tells of a way, a documented crossing of one gateway among others of its kind.
Each is judged by that: ways against towns, gateways by their rank within their kind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree
from scipy.stats import rankdata

from geodata.arrays import Float64Array, Int64Array, ObjectArray
from geodata.network.network import Network
from routes.studies.validation.place_test.answers import FADE_M

TRANSIT, AIR = "transit", "by air"
GATEWAYS = {
    "crossing_formal": ("formal crossings", ("formal",)),
    "crossing_informal": ("informal crossings", ("informal",)),
    "landing": ("landings", ("landing", "river mouth")),
    "seizure_port": ("ports", ("port",)),
}
"""Role and kinds of gateways of an event that tells of one, by its kind."""


def roles(kind: ObjectArray, mode: ObjectArray) -> npt.NDArray[np.str_]:
    """Role of each event, empty where its kind is not known.

    Parameters
    ----------
    kind, mode
        As the evidence has them, such as ``seizure_road`` and ``road``; shape (n,).
    """
    return np.array([_role(*each) for each in zip(kind.tolist(), mode.tolist(), strict=True)], "U")


def _role(kind: str, mode: str) -> str:
    if mode == "air":
        return AIR
    if kind in GATEWAYS:
        return GATEWAYS[kind][0]
    return TRANSIT if kind else ""


@dataclass(frozen=True, kw_only=True)
class GatewayRanks:
    """Ranks of gateways within their kind, at events.

    Parameters
    ----------
    near
        Gateways of its kind that each event may tell of.
    kind
        Kind of each gateway.
    """

    near: tuple[Int64Array, ...]
    kind: npt.NDArray[np.str_]

    @classmethod
    def of(
        cls, network: Network, role: str, xy: Float64Array, radius_m: Float64Array
    ) -> GatewayRanks:
        """Those of events of a role: within their disc, or within a sector's length of them.

        Parameters
        ----------
        xy
            Metres of the area's grid; shape (events, 2).
        radius_m
            Of each event's disc.
        """
        kind = network.gateways["kind"].astype(str).to_numpy(np.str_)
        kinds = next((kinds for name, kinds in GATEWAYS.values() if name == role), ())
        rows = np.flatnonzero(np.isin(kind, kinds))
        if not len(rows):
            return cls(near=(rows,) * len(xy), kind=kind)
        x, y = shapely.get_coordinates(network.gateway_shapes[rows]).T
        index = cKDTree(np.stack(network.area.project(x, y), axis=1))
        reach = np.maximum(radius_m, FADE_M)
        near = index.query_ball_point(xy, reach)
        return cls(near=tuple(rows[sorted(each)] for each in near), kind=kind)

    def mean(self, nearness: Float64Array) -> Float64Array:
        """Mean rank of the gateways of each event within their kind, from 0 to 1; NaN for none.

        A half is chance, as for an AUC: it is the share of the other gateways of the kind that one
        outscores, ties counting half. A gateway that is the only one of its kind has no rank and is
        left out of the mean.
        """
        share = np.full(len(nearness), np.nan)
        for kind in np.unique(self.kind):
            own = self.kind == kind
            if own.sum() > 1:
                share[own] = (rankdata(nearness[own]) - 1) / (own.sum() - 1)
        ranked = [rows[np.isfinite(share[rows])] for rows in self.near]
        return np.array([share[rows].mean() if len(rows) else np.nan for rows in ranked])
