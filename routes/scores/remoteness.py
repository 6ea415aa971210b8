"""Remoteness: how far a place lies from towns, people and, at sea, from ports and shore.

References
----------
Weiss et al. 2018, A global map of travel time to cities, Nature 553, 333-336.
Nelson et al. 2019, A suite of global accessibility indicators, Scientific Data 6, 266.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import ndimage, signal

from geodata.arrays import BoolArray, Float64Array
from geodata.network.network import Network
from routes.scores.composite import Composite, percentile_rank
from routes.search.arcs import Arcs
from routes.search.network_arcs import arc_hours, at_nodes, domestic_hours, hours_to, snap_points

TOWN, PLACE = 20_000, 5_000
"""People in a town, and in a place, to which travel time is measured (design; Nelson et al.)."""
RADIUS_KM = 10.0
"""Radius within which population density is measured."""
FINE = 1000
"""Number of cells in a disk of that radius from which Fourier transforms are used."""
LAND_WEIGHTS = pd.Series({"town_hours": 0.5, "place_hours": 0.25, "emptiness": 0.25})
LIT_WEIGHTS = pd.Series({"town_hours": 0.4, "place_hours": 0.2, "emptiness": 0.2, "darkness": 0.2})
"""Weights when lights at night are known as well. Assumption."""
SEA_WEIGHTS = pd.Series({"port_hours": 0.5, "offshore_km": 0.5})


def land_remoteness(
    network: Network, arcs: Arcs, places: pd.DataFrame, land: BoolArray
) -> Composite:
    """Remoteness of land nodes of the mesh.

    A component is missing when nothing is known of it, such as hours to towns without any town.

    Parameters
    ----------
    places
        Columns x, y, country, population.
    land
        Which nodes are ranked; each stands for one cell, so equal weights weigh by area.
    """
    values = {}
    for name, size in (("town_hours", TOWN), ("place_hours", PLACE)):
        big = places[places["population"] >= size]
        values[name] = domestic_hours(network, arcs, snap_points(network, big, at_home=True))
    nobody = places.empty and "population" not in network.surfaces
    values["emptiness"] = (
        np.full(len(network.nodes), np.nan)
        if nobody
        else -at_nodes(network, population_density(network, places))
    )
    if "lights" not in network.surfaces:
        return _ranked(values, LAND_WEIGHTS, land)
    values["darkness"] = -at_nodes(network, np.nan_to_num(network.surfaces["lights"]))
    return _ranked(values, LIT_WEIGHTS, land)


def sea_remoteness(network: Network, arcs: Arcs, sea: BoolArray) -> Composite:
    """Remoteness of sea nodes: hours from the nearest port and distance to the shore."""
    ports = np.flatnonzero(network.nodes["kind"] == "port")
    values = {
        "port_hours": hours_to(network, arcs, arc_hours(network, arcs), ports),
        "offshore_km": at_nodes(network, offshore_km(network)),
    }
    return _ranked(values, SEA_WEIGHTS, sea)


def people_by_cell(network: Network, places: pd.DataFrame) -> Float64Array:
    """People on the grid: those of a population grid, or else of listed places.

    A grid may cover one city only; listed places count farther than `RADIUS_KM` from its cells.
    """
    area = network.area
    people, unknown = np.zeros(area.shape), np.ones(area.shape, bool)
    if "population" in network.surfaces:
        grid = network.surfaces["population"]
        people = np.nan_to_num(grid).astype(np.float64)
        off_km = ndimage.distance_transform_edt(np.isnan(grid)) * area.cell_m / 1000
        unknown = off_km > RADIUS_KM
    row, column = area.cell_of(places["x"], places["y"])
    counted = places["population"].to_numpy(float) * unknown[row, column]
    np.add.at(people, (row, column), counted)
    return people


def population_density(network: Network, places: pd.DataFrame) -> Float64Array:
    """People per km2 within `RADIUS_KM`, on the grid."""
    area, people = network.area, people_by_cell(network, places)
    reach = RADIUS_KM * 1000 / area.cell_m
    offset = np.arange(-int(reach), int(reach) + 1)
    disk = (np.hypot(*np.meshgrid(offset, offset)) <= reach).astype(float)
    if disk.size > FINE:
        # Summing a fine grid cell by cell would take minutes.
        total = np.maximum(signal.fftconvolve(people, disk, mode="same"), 0.0)
    else:
        total = ndimage.convolve(people, disk, mode="constant")
    return np.asarray(total / (disk.sum() * (area.cell_m / 1000) ** 2))


def offshore_km(network: Network) -> Float64Array:
    """Distance of each cell to the nearest land cell, in km."""
    water = network.surfaces["land"] == 0
    cells = ndimage.distance_transform_edt(water)
    return np.asarray(cells * network.area.cell_m / 1000)


def _ranked(values: dict[str, Float64Array], weights: pd.Series, ranked: BoolArray) -> Composite:
    parts = {name: percentile_rank(column[ranked]) for name, column in values.items()}
    return Composite(parts=pd.DataFrame(parts), weights=weights)
