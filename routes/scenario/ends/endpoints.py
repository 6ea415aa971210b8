"""Origins and destinations: from names, coordinates and layers to nodes of the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geodata.area.antimeridian import longitude
from geodata.arrays import Float64Array, Int32Array
from geodata.errors import InputError, VeredaError
from geodata.network.network import Network
from routes.phrases import listed
from routes.scenario.demand import PINNED, Endpoint
from routes.scenario.ends.end_errors import written_key, wrong_key
from routes.scenario.ends.layers import Narrowing, layer_nodes
from routes.scenario.ends.place_names import find_place
from routes.scenario.ends.usable_nodes import Footing
from routes.scenario.profiles import Profile

SNAP_M = 5000.0
"""A point further than this from any node is refused."""
SPREAD_M = 20_000.0
"""Airstrips, ports or points in one cell of this edge, in metres, send flow as one place."""
SCATTERED = ("airstrip", "port", "place", "crossing", "points")
"""Layers of separate places, each with its own flow; a border or sea edge is one place."""


@dataclass(frozen=True, kw_only=True)
class Located:
    """An endpoint as nodes.

    Parameters
    ----------
    name
        Name in tables.
    nodes
        Nodes of the end; a path may use any of them.
    demand
        Share of the flow.
    entry
        Cost of beginning or ending here, in risk-adjusted hours.
    snap_m
        Distance in metres from the requested place to the farthest of its nodes; zero for lines.
    kind
        Kind of its nodes, or the kinds with commas between.
    scattered
        Whether the nodes are separate places, such as airstrips. The nodes of a line, such as a
        border, are not: a path may cross it anywhere.
    """

    name: str
    nodes: Int32Array
    demand: float
    entry: float = 0.0
    snap_m: float = 0.0
    kind: str = ""
    scattered: bool = False

    def parts(self, network: Network) -> list[Located]:
        """Separate places of the end, each with its part of the demand, or the end itself."""
        if not self.scattered or len(self.nodes) < 2:
            return [self]
        x, y = (network.nodes[name].to_numpy()[self.nodes] for name in ("x", "y"))
        cell = np.floor(np.c_[network.area.project(x, y)] / SPREAD_M)
        _, group = np.unique(cell, axis=0, return_inverse=True)
        members = [self.nodes[group.ravel() == number] for number in range(group.max() + 1)]
        return [
            replace(self, nodes=nodes, demand=self.demand * len(nodes) / len(self.nodes))
            for nodes in members
        ]

    def record(self, network: Network) -> dict[str, Any]:
        """Position of the end on the network as a JSON object; a layer is placed at its middle."""
        values = network.node_columns.values
        x, y = (float(values[name][self.nodes].mean()) for name in ("x", "y"))
        return {
            "name": self.name,
            "nodes": len(self.nodes),
            "snap_m": round(self.snap_m, 1),
            "kind": self.kind,
            "x": round(longitude(x), 5),
            "y": round(y, 5),
        }


def names_by_node(ends: Sequence[Located]) -> dict[int, str]:
    """Name of the destination at each node; at a shared node, the one that is cheaper to end at."""
    dearest_first = sorted(ends, key=lambda end: -end.entry)
    return {int(node): end.name for end in dearest_first for node in end.nodes}


@dataclass(frozen=True, kw_only=True)
class Sought:
    """The nodes nearest to an endpoint, whether a flow may use them or not.

    Parameters
    ----------
    endpoint
        The endpoint.
    nodes
        The nodes.
    points
        Longitude and latitude of the point that each node is nearest to; None for ends of nodes.
    metres
        Distance from each node to its point.
    """

    endpoint: Endpoint
    nodes: Int32Array
    points: Float64Array | None
    metres: Float64Array


def locate(
    network: Network,
    endpoint: Endpoint,
    *,
    field: str,
    footing: Footing | None = None,
    arriving: bool = False,
) -> Located:
    """Nodes of an endpoint.

    Parameters
    ----------
    footing
        Nodes where the flow may begin and end; any node by default.
    arriving
        Whether the flow ends there.

    Raises
    ------
    InputError
        As `seek` and `settle`.
    """
    sought = seek(network, endpoint, field=field)
    return settle(network, sought, footing, field=field, arriving=arriving)


def settle(
    network: Network, sought: Sought, footing: Footing | None, *, field: str, arriving: bool
) -> Located:
    """The nodes at which a flow begins or ends: those nearest to each place that it may use.

    Nodes of a line, such as a border, that the flow may not use are left out.

    Raises
    ------
    InputError
        When the nearest node that the flow may use is too far; the message says how far.
    """
    end, nodes, metres = sought.endpoint, sought.nodes.copy(), sought.metres.copy()
    layer = end.at["layer"]
    if footing is not None and layer != PINNED:
        barred = np.flatnonzero(~footing.usable(arriving=arriving)[nodes])
        if layer in SCATTERED or sought.points is not None:
            for row in barred.tolist():
                nodes[row], metres[row] = _near(network, sought, row, footing, arriving=arriving)
                if metres[row] > SNAP_M:
                    remedy = _refusal(sought, metres[row], footing, arriving=arriving)
                    raise InputError(field, end.name, remedy)
        elif len(barred) == len(nodes):
            raise InputError(field, end.name, _unusable(footing))
        else:
            nodes, metres = np.delete(nodes, barred), np.delete(metres, barred)
    columns = network.node_columns
    kinds = [columns.categories["kind"][code] for code in np.unique(columns.values["kind"][nodes])]
    return Located(
        name=end.name,
        nodes=np.unique(nodes).astype(np.int32),
        demand=end.demand,
        entry=end.entry,
        snap_m=float(metres.max()),
        kind=", ".join(sorted(kinds)),
        scattered=layer in SCATTERED,
    )


def settle_all(
    network: Network, starts: Sequence[Sought], ends: Sequence[Sought], footing: Footing
) -> tuple[list[Located], list[Located]]:
    """The nodes at which a flow begins, and those at which it ends.

    Raises
    ------
    InputError
        As `settle`.
    """
    return (
        [settle(network, start, footing, field="from", arriving=False) for start in starts],
        [settle(network, end, footing, field="to", arriving=True) for end in ends],
    )


def settling_fault(
    network: Network, starts: Sequence[Sought], ends: Sequence[Sought], footing: Footing
) -> InputError | None:
    """Reason why a flow cannot begin and end at its ends; None if it can."""
    try:
        settle_all(network, starts, ends, footing)
    except InputError as error:
        return error
    return None


def _near(
    network: Network, sought: Sought, row: int, footing: Footing, *, arriving: bool
) -> tuple[int, float]:
    """The usable node nearest to one of the requested places, and its distance."""
    if sought.points is not None:
        x, y = sought.points[row].tolist()
    else:
        values = network.node_columns.values
        x, y = (float(values[name][sought.nodes[row]]) for name in ("x", "y"))
    usable = footing.usable(arriving=arriving)
    return network.snapper.nearest_of(x, y, usable, within_m=SNAP_M)


def _refusal(sought: Sought, metres: float, footing: Footing, *, arriving: bool) -> str:
    """Reason why a flow cannot begin or end at one of the requested places, with a remedy."""
    limit = f"beyond the limit of {SNAP_M / 1000:.0f} km"
    nearest = f"the nearest node that it may use is {metres / 1000:.1f} km away, {limit}"
    reason = nearest if np.isfinite(metres) else "there is no node that it may use"
    place = "there" if len(sought.nodes) == 1 else "at one of these places"
    return (
        f"This flow, {_means(footing)}, cannot {'end' if arriving else 'begin'} {place}: {reason}. "
        "Choose another place, or allow another mode or way."
    )


def _unusable(footing: Footing) -> str:
    """Reason why a flow cannot begin or end anywhere on a line, with a remedy."""
    ways = " or ".join(mode for mode in footing.modes if mode != "transfer")
    place = f"Name a place that it reaches by {ways}, or allow" if ways else "Allow"
    return (
        f"None of its nodes can be used by this flow, {_means(footing)}. {place} another mode or "
        "way."
    )


def _means(footing: Footing) -> str:
    """Modes of a flow, in words."""
    return f"by {listed(footing.modes)}" if footing.modes else "to which all is closed"


def seek(network: Network, endpoint: Endpoint, *, field: str) -> Sought:
    """Nodes nearest to an endpoint.

    Raises
    ------
    InputError
        When a point lies outside the area or too far from any node, a name is unknown or belongs to
        more than one place, or a layer has no node with the given keys.
    """
    at = endpoint.at
    if at["layer"] == "point":
        return _snapped(network, endpoint, [[at["x"], at["y"]]], field=field)
    if at["layer"] == "points":
        return _snapped(network, endpoint, at["coordinates"], field=field)
    if at["layer"] == PINNED:
        nodes = np.array(at["nodes"])
    elif at["layer"] == "place" and "name" in at and "admin1" not in at:
        narrowing = Narrowing(network, endpoint, field=field)
        country = narrowing.codes("country")[0] if "country" in at else None
        where = written_key(endpoint, "name", field=field)
        nodes = np.array([find_place(network, at["name"], country=country, field=where)])
    else:
        nodes = layer_nodes(network, endpoint, field=field)
    return Sought(
        endpoint=endpoint, nodes=nodes.astype(np.int32), points=None, metres=np.zeros(len(nodes))
    )


def knows_ends(network: Network, profile: Profile) -> bool:
    """Whether a network has all ends of a profile, whether or not its flow may use their nodes."""
    try:
        for field, ends in (("from", profile.origins), ("to", profile.destinations)):
            for end in ends:
                seek(network, end, field=field)
    except VeredaError:
        return False
    return True


def require_distinct(soughts: Sequence[Sought], *, field: str) -> None:
    """Refuse two origins, or two destinations, of the same place: it would have two shares.

    Points may lie near each other, and a collection may contain a place that is also named.

    Raises
    ------
    InputError
        With the path of the second of the two ends.
    """
    names: dict[int, str] = {}
    for sought in soughts:
        end, at = sought.endpoint, sought.endpoint.at
        if "name" not in at:
            continue
        for node in sought.nodes.tolist():
            if node in names:
                remedy = f"It is the same place as {names[node]!r}; give each place once."
                raise wrong_key(end, "name", at["name"], remedy, field=field)
        names |= dict.fromkeys(sought.nodes.tolist(), end.name)


def split_origin(
    network: Network, origin: Endpoint, footing: Footing | None = None
) -> list[Endpoint]:
    """Split an origin into the places that send flow separately, each with its demand.

    Parameters
    ----------
    footing
        Nodes where the flow may begin: the places are then fixed to their nodes. By default, the
        router looks for their nodes itself.

    Raises
    ------
    InputError
        As `locate`.
    """
    parts = locate(network, origin, field="from", footing=footing).parts(network)
    if footing is not None:
        return [pin_end(part) for part in parts]
    if len(parts) == 1:
        return [origin]
    x, y = network.nodes["x"].to_numpy(), network.nodes["y"].to_numpy()
    return [
        replace(origin, demand=part.demand,
                at={"layer": "points", "coordinates": np.c_[x, y][part.nodes].tolist()})
        for part in parts
    ]  # fmt: skip


def pin_end(located: Located) -> Endpoint:
    """An end fixed to its nodes, whatever the flow may use, so that flows can be compared."""
    return Endpoint(
        name=located.name, demand=located.demand, entry=located.entry,
        at={"layer": PINNED, "nodes": located.nodes.tolist()},
    )  # fmt: skip


def _snapped(network: Network, endpoint: Endpoint, coordinates: Any, *, field: str) -> Sought:
    """Nodes nearest to a list of points."""
    points = np.asarray(coordinates, float)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise InputError(field, coordinates, "Give a list of [longitude, latitude].")
    nearest_nodes = []
    for place, (x, y) in enumerate(points):
        key = "" if "x" in endpoint.at else f"coordinates[{place}]"
        where = written_key(endpoint, key, field=field)
        network.area.require(x, y, field=where)
        nearest_nodes.append(network.snapper.require(x, y, limit_m=SNAP_M, field=where))
    nodes, metres = zip(*nearest_nodes, strict=True)
    return Sought(
        endpoint=endpoint, nodes=np.array(nodes, np.int32), points=points, metres=np.array(metres)
    )
