"""Names in a network, for example questions about it."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.network.network import Network

FAR = 0.25
"""Share of the diagonal of an area between two ends, where it has only one country."""


@dataclass(frozen=True, kw_only=True)
class KnownNames:
    """One of each kind of name.

    Parameters
    ----------
    origin, destination
        Ends of a path: the largest place, and the largest in another country, or else the largest
        far from the first.
    point
        Coordinates of the destination.
    gateway
        A thing on the way, to be closed or strengthened.
    country, unit
        Codes of the country and unit of the origin.
    """

    origin: str
    destination: str
    point: str
    gateway: str
    country: str
    unit: str


def known_names(network: Network) -> KnownNames:
    """Unambiguous names of a network."""
    places = _places(network)
    origin = places.iloc[0]
    abroad = places[places["country"] != origin["country"]]
    others = abroad if len(abroad) else _far(places.iloc[1:], origin, network)
    destination = others.iloc[0] if len(others) else origin
    units = network.admin["id"]
    unit = origin["admin1"] or (str(units.iloc[0]) if len(units) else "")
    return KnownNames(
        origin=origin["name"],
        destination=destination["name"],
        point=_point(destination),
        gateway=_gateway(network),
        country=origin["country"] or network.area.countries[0],
        unit=unit,
    )


def _places(network: Network) -> pd.DataFrame:
    """Named places that no other shares its name with, the largest first; or else two nodes."""
    known = network.gazetteer.places
    alone = known[~known["key"].duplicated(keep=False) & (known["kind"] == "place")]
    if alone.empty:
        nodes = network.nodes.iloc[[0, -1]]
        texts = nodes[["country", "admin1"]].astype(str)
        return texts.assign(x=nodes["x"], y=nodes["y"], name=nodes.apply(_point, axis=1))
    people = pd.concat([_people(network, name) for name in ("places", "places_extra")])
    largest = people.groupby(level=[0, 1]).max()
    spots = pd.MultiIndex.from_arrays([alone["x"], alone["y"]])
    sizes = largest.reindex(spots).fillna(0).to_numpy()
    return alone.assign(size=sizes).sort_values(["size", "name"], ascending=[False, True])


def _far(places: pd.DataFrame, origin: pd.Series, network: Network) -> pd.DataFrame:
    """Places beyond the suburbs of one, where there are some: a quarter of the area away."""
    east, north = network.area.project(places["x"], places["y"])
    here, up = network.area.project(origin["x"], origin["y"])
    rows, columns = network.area.shape
    least = FAR * np.hypot(rows, columns) * network.area.cell_m
    far = places[np.hypot(east - here, north - up) > least]
    return far if len(far) else places


def _people(network: Network, name: str) -> pd.Series:
    """People by longitude and latitude, of one of the layers that lists places."""
    if name not in network.layers:
        return pd.Series([], index=pd.MultiIndex.from_arrays([[], []]), dtype=np.float64)
    listed = network.layers[name]
    spots = [listed["x"], listed["y"]] if "x" in listed else []
    if isinstance(listed, gpd.GeoDataFrame):
        spots = [listed.geometry.x, listed.geometry.y]
    return pd.Series(listed["population"].to_numpy(np.float64), pd.MultiIndex.from_arrays(spots))


def _gateway(network: Network) -> str:
    """A formal crossing, or else any gateway; a mode of travel where there is none."""
    gateways = network.gateways
    alone = gateways[~gateways["name"].duplicated(keep=False)]
    for chosen in (alone[alone["kind"] == "formal"], alone):
        if len(chosen):
            return str(chosen["name"].iloc[0])
    return "trail"


def _point(place: pd.Series) -> str:
    return f"{place['x']:.4f},{place['y']:.4f}"
