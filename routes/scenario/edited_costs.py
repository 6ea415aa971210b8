"""Edited costs: which links of a network an edit names, and what it makes of their costs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
import pandas as pd

from geodata.arrays import BoolArray, Float32Array, Float64Array, Int32Array
from geodata.computing.tasks import Check, computed_once, unhindered
from geodata.entries.spelling import nearest
from geodata.errors import InputError, VeredaError
from geodata.network.gazetteer import plain
from geodata.network.network import MODES, Network
from routes.scenario.edits import Edit
from routes.scenario.ends.place_names import find_place
from routes.scenario.keys.ranges import ARC
from routes.search.arcs import Arcs

AnyError = TypeVar("AnyError", bound=VeredaError)

PLACE_KM = 10.0
"""A path passes a place when it comes this near."""


def edited(
    network: Network,
    arcs: Arcs,
    cost: Float32Array,
    edits: tuple[Edit, ...],
    *,
    check: Check = unhindered,
) -> Float32Array:
    """Costs of the arcs after some edits.

    Parameters
    ----------
    check
        Called before each of them.

    Raises
    ------
    InputError
        When a name matches nothing on the network, or several edits of one thing together move a
        cost out of `ranges.ARC`.
    """
    result = cost.copy()
    for edit in edits:
        check()
        rows = links_of(network, edit.target, field=edit.field)[arcs.link]
        changed = _changed(result[rows].astype(np.float64), edit)
        beyond = np.isfinite(changed) & ~ARC.holds(changed)
        if beyond.any():
            comes_to = f"{changed[beyond][0]:.0e} h"
            remedy = f"With the other edits costs come to {comes_to}; leave one out."
            raise InputError(edit.field, edit.target, remedy)
        result[rows] = changed
    return result


@dataclass(frozen=True, kw_only=True)
class Closings:
    """Closings of a scenario, in order; each name is looked up once, however often it is used.

    Parameters
    ----------
    network, arcs
        The network and its arcs.
    free
        Cost of each arc before any edit.
    edits
        Edits of the scenario; only those that close a thing are used.
    check
        Function called before each look-up and each trial; an exception that it raises ends the
        work.
    """

    network: Network
    arcs: Arcs
    free: Float32Array
    edits: tuple[Edit, ...]
    check: Check = unhindered

    @computed_once
    def closing(self) -> tuple[Edit, ...]:
        """The edits that close a thing."""
        return tuple(edit for edit in self.edits if np.isinf(edit.factor))

    @computed_once
    def _first(self) -> Int32Array:
        """Number of the first closing of each link; the count of closings for an open link."""
        first = np.full(len(self.network.links), len(self.closing), np.int32)
        for number in reversed(range(len(self.closing))):
            self.check()
            edit = self.closing[number]
            first[links_of(self.network, edit.target, field=edit.field)] = number
        return first

    def cost(self, count: int) -> Float32Array:
        """Cost of each arc after the first `count` closings."""
        self.check()
        if not count:
            return self.free
        closed = (self._first < count)[self.arcs.link]
        return np.where(closed, np.float32(np.inf), self.free)


def blame_closing(
    error: AnyError, closings: Closings, fault: Callable[[Float32Array], AnyError | None]
) -> AnyError:
    """The error that names the closings, when they are why a scenario has no answer.

    Parameters
    ----------
    error
        What is raised otherwise.
    closings
        What is closed.
    fault
        Function from costs to the reason why there is no answer, None if there is one. Closing more
        never makes an answer possible.
    """
    closing = closings.closing
    if not closing or fault(closings.cost(0)):
        return error

    @cache
    def without(count: int) -> AnyError | None:
        return fault(closings.cost(count))

    # Find the fewest closings that leave no answer; the last of them is the one to name.
    last = bisect_left(range(1, len(closing)), 1, key=lambda count: bool(without(count)))
    error = without(last + 1) or error
    remedy = f"Leave it out, or change {error.field}, {error.value!r}. {error.remedy}"
    return type(error)(closing[last].field, closing[last].target, remedy)


def _changed(cost: Float64Array, edit: Edit) -> Float64Array:
    """Costs after an edit; closed arcs stay closed."""
    if np.isinf(edit.factor):
        return np.full_like(cost, np.inf)
    return np.where(np.isinf(cost), np.inf, cost * edit.factor + edit.hours)


def links_of(network: Network, target: str, *, field: str) -> BoolArray:
    """Links of a named thing, per link of the network.

    Raises
    ------
    InputError
        When the name stands for nothing; the nearest names are suggested.
    """
    links = network.links
    named = _gateways(network, target)
    if len(named):
        return links["gateway"].isin(named).to_numpy(bool)
    if plain(target) in MODES:
        return _of_mode(network, target)
    if is_sea_zone(target):
        return _of_sea_zone(network, target, field=field)
    inside = nodes_of(network, target, field=field)
    return np.asarray(inside[links["u"].to_numpy()] | inside[links["v"].to_numpy()])


def _of_mode(network: Network, target: str) -> BoolArray:
    """Links of a mode, per link of the network."""
    return np.asarray((network.links["mode"] == plain(target)).to_numpy(bool))


def is_sea_zone(target: str) -> bool:
    """Whether a text is meant as a sea zone, ``sea:W,S,E,N``; its numbers may still be wrong."""
    return plain(target.partition(":")[0]) == "sea" and ":" in target


def _of_sea_zone(network: Network, target: str, *, field: str) -> BoolArray:
    """Links at sea with an end between some degrees, per link of the network."""
    try:
        west, south, east, north = (float(edge) for edge in target.partition(":")[2].split(","))
    except ValueError:
        west = south = east = north = np.nan
    west, east = network.area.between(west, east)
    if not (west < east and south < north):
        remedy = "Give west, south, east and north in degrees, as sea:W,S,E,N."
        raise InputError(field, target, remedy)
    nodes, links = network.nodes, network.links
    inside = (nodes["x"].between(west, east) & nodes["y"].between(south, north)).to_numpy(bool)
    passed = inside[links["u"].to_numpy()] | inside[links["v"].to_numpy()]
    zone = np.asarray(passed & _of_mode(network, "sea"))
    if not zone.any():
        raise InputError(field, target, f"No sea of {network.area.name} lies in it.")
    return zone


def nodes_of(network: Network, target: str, *, field: str) -> BoolArray:
    """Nodes of a district or country, or around a place, per node of the network.

    Raises
    ------
    InputError
        When the name stands for nothing; the nearest names are suggested.
    """
    nodes, admin = network.nodes, network.admin
    wanted = plain(target)
    units = admin["id"][(admin["name"].map(plain) == wanted) | (admin["id"] == target.upper())]
    if len(units):
        return nodes["admin1"].isin(units).to_numpy(bool)
    if target.upper() in network.area.countries:
        return (nodes["country"] == target.upper()).to_numpy(bool)
    try:
        place = find_place(network, target, field=field, also=_nameable(network))
    except InputError as error:
        raise _with_gateways(network, error) from error
    east, north = network.area.project(nodes["x"], nodes["y"])
    return np.asarray(np.hypot(east - east[place], north - north[place]) <= PLACE_KM * 1000)


def _nameable(network: Network) -> str:
    """A remedy that lists what an edit may name, with the codes of countries."""
    codes = ", ".join(sorted(network.area.countries))
    return f"Give a gateway, place, district or mode by name, or a country by code: {codes}."


def _with_gateways(network: Network, error: InputError) -> InputError:
    """The error for an unknown place, with the names of gateways and districts like it."""
    names = [*network.gateways["name"], *network.admin["name"]]
    plainly = {plain(name): name for name in names}
    near = nearest(plain(str(error.value)), plainly, most=3)
    guess = (
        f" Gateways and districts like it: {', '.join(plainly[n] for n in near)}." if near else ""
    )
    return InputError(error.field, error.value, error.remedy + guess)


def _gateways(network: Network, target: str) -> pd.Series:
    """Ids of the gateways that have a name or id."""
    names, ids = network.gateways["name"], network.gateways["id"]
    return ids[(names.map(plain) == plain(target)) | (ids == target)]
