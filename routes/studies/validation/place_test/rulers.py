"""Rulers: what anybody reads off a map of the region, on the area's grid.

None of them knows a cost, a score or a flow, but for straight lines, which know where it begins
and ends. Each rises with the ruler's own guess that a place is on the way.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import ndimage
from scipy.stats import rankdata

from geodata.arrays import BoolArray, Float64Array
from geodata.network.network import Network
from routes.scores.remoteness import population_density
from routes.studies.validation.null_models import STRAIGHT

NEAREST = "nearest gateway"
EDGE = "coast or land border"
ROAD = "primary road"
PEOPLE = "population"
PRIMARY = ("motorway", "trunk", "primary")
"""Classes of road that count as primary."""


def geographic_rulers(
    network: Network, straight: Float64Array, *, tolerance_m: float
) -> dict[str, Float64Array]:
    """Surfaces by name: distances as ``-log(1 + km)``, people as ``log(1 + people per km2)``.

    One is left out where the network has nothing of its kind. Straight lines are spread by the
    tolerance, as the nulls of the capture curve are, and stand as their rank over the grid.

    Parameters
    ----------
    straight
        `straight_lines` of the flow.
    """
    marks = {
        NEAREST: gateway_cells(network),
        EDGE: sea_cells(network) | border_cells(network),
        ROAD: _cells(network, _ends(network, network.links["class"].isin(PRIMARY))),
    }
    rulers = {name: -np.log1p(km_from(network, mark)) for name, mark in marks.items() if mark.any()}
    places = _places(network)
    if len(places) or "population" in network.surfaces:
        rulers[PEOPLE] = np.log1p(population_density(network, places))
    spread = ndimage.gaussian_filter(straight, tolerance_m / network.area.cell_m, mode="constant")
    rulers[STRAIGHT] = rankdata(spread).reshape(spread.shape) / spread.size
    return rulers


def _places(network: Network) -> pd.DataFrame:
    """Columns x, y and population of the places that the network keeps."""
    listed, added = (network.layers.get(name) for name in ("places", "places_extra"))
    frames = [pd.DataFrame({"x": [], "y": [], "population": []}, dtype=float)]
    if listed is not None and len(listed):
        x, y = shapely.get_coordinates(listed["geometry"].to_numpy()).T
        frames.append(pd.DataFrame({"x": x, "y": y, "population": listed["population"]}))
    if added is not None and len(added):
        frames.append(added[["x", "y", "population"]])
    return pd.concat(frames, ignore_index=True).fillna({"population": 0})


def km_from(network: Network, mark: BoolArray) -> Float64Array:
    """Distance of each cell to the nearest one of some, infinite where there is none."""
    if not mark.any():
        return np.full(mark.shape, np.inf)
    return np.asarray(ndimage.distance_transform_edt(~mark) * network.area.cell_m / 1000)


def gateway_cells(network: Network) -> BoolArray:
    """Cells that hold a gateway."""
    points = network.gateways.geometry
    return _mark(network, points.x.to_numpy(), points.y.to_numpy())


def sea_cells(network: Network) -> BoolArray:
    """Cells of the sea."""
    return _cells(network, np.flatnonzero(network.nodes["kind"] == "sea"))


def border_cells(network: Network) -> BoolArray:
    """Cells on both sides of a land border, by the links that cross it."""
    links = network.links
    return _cells(network, _ends(network, (links["crossing"] != "") & (links["class"] != "ferry")))


def _ends(network: Network, chosen: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Nodes at both ends of some links."""
    links = network.links[np.asarray(chosen, bool)]
    return np.unique(np.r_[links["u"], links["v"]]).astype(np.intp)


def _cells(network: Network, nodes: npt.NDArray[np.intp]) -> BoolArray:
    x, y = (network.nodes[axis].to_numpy()[nodes] for axis in ("x", "y"))
    return _mark(network, x, y)


def _mark(network: Network, x: npt.ArrayLike, y: npt.ArrayLike) -> BoolArray:
    """Cells that hold one of some points of the area."""
    mark = np.zeros(network.area.shape, bool)
    mark[network.area.cell_of(x, y)] = True
    return mark
