"""Layers of the network, narrowed to the nodes of an end by each of its keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import numpy.typing as npt

from geodata.area.geodesy import DEGREE_M
from geodata.arrays import BoolArray, Int64Array, ObjectArray
from geodata.entries.spelling import nearest
from geodata.errors import InputError
from geodata.network.gazetteer import plain
from geodata.network.network import Network
from routes.scenario.demand import Endpoint
from routes.scenario.ends.end_errors import wrong_key

FEW = 6
"""Largest number of names that an error lists."""
_BOUNDS = {"west": "x", "south": "y", "east": "x", "north": "y"}
"""Bounds in the order of a box, and the coordinate that each bounds."""


def layer_nodes(network: Network, end: Endpoint, *, field: str) -> Int64Array:
    """Nodes of the layer that an end is of, narrowed by its keys.

    Raises
    ------
    InputError
        When the network has no such country or district, or a key leaves no node; the message names
        that key and the values that exist.
    """
    layer = end.at["layer"]
    narrowing = Narrowing(network, end, field=field)
    if layer == "border":
        narrowing.keep_border()
        narrowing.keep_bounds()
    elif layer == "sea":
        narrowing.keep_kind()
        if "edge" in end.at:
            narrowing.keep_edge()
        narrowing.keep_bounds()
    else:
        narrowing.keep_kind()
        for key in ("country", "admin1"):
            if key in end.at:
                narrowing.keep_within(key)
        if "name" in end.at:
            narrowing.keep_name()
    return narrowing.rows


class Narrowing:
    """Nodes of an end while its keys narrow them.

    Parameters
    ----------
    network
        The network.
    end
        The end.
    field
        Name in errors for an end that was not written with keys.
    """

    def __init__(self, network: Network, end: Endpoint, *, field: str) -> None:
        self.network, self.end, self.field = network, end, field
        self.rows: Int64Array = np.arange(len(network.nodes))

    def codes(self, key: str) -> list[str]:
        """Codes of the countries or districts of a key, as the network spells them."""
        value = self.end.at[key]
        known = self._known("admin1" if key == "admin1" else "country")
        spelt = {code.casefold(): code for code in known}
        codes = []
        for place, code in enumerate(value if isinstance(value, list) else [value]):
            if code.casefold() not in spelt:
                part = f"{key}[{place}]" if isinstance(value, list) else key
                raise self._wrong(part, code, _unknown(key, code, known))
            codes.append(spelt[code.casefold()])
        return codes

    def keep_kind(self) -> None:
        """Keep the nodes of the layer's kind."""
        chosen = self._texts("kind") == self.end.at["layer"]
        self._keep(chosen, "layer", lambda: "The network has none.")

    def keep_within(self, key: str) -> None:
        """Keep the nodes in the countries or districts of a key."""
        codes, here = self.codes(key), self._texts(key)

        def remedy() -> str:
            return f"No {self.end.at['layer']} lies there; some lie in: {_few(codes[0], here)}."

        self._keep(np.isin(here, codes), key, remedy)

    def keep_name(self) -> None:
        """Keep the nodes with the name, whatever its case and accents."""
        wanted, here = plain(self.end.at["name"]), self._texts("name")
        keys = {name: plain(name) for name in np.unique(here) if name}

        def remedy() -> str:
            spelt = {key: name for name, key in keys.items()}
            near = [spelt[name] for name in nearest(wanted, spelt, most=4)]
            none = f"No {self.end.at['layer']} there has this name. "
            if near:
                return f"{none}Nearest names: {', '.join(near)}."
            return f"{none}There are: {_few(wanted, here)}."

        # The names of two places may differ only by an accent.
        alike = [name for name, key in keys.items() if key == wanted]
        self._keep(np.isin(here, alike), "name", remedy)

    def keep_border(self) -> None:
        """Keep the nodes of a country just across its land border, with all neighbours or one."""
        (country,) = self.codes("country")
        links = self.network.links[self.network.links["crossing"] != ""]
        u, v = links["u"].to_numpy(), links["v"].to_numpy()
        nodes, across = np.concatenate([u, v]), np.concatenate([v, u])
        countries = self._texts("country")
        own = countries[nodes] == country
        if not own.any():
            remedy = "It has no land border here; these have: "
            raise self._wrong("country", country, f"{remedy}{_few(country, countries[nodes])}.")
        nodes, beyond = nodes[own], countries[across[own]]
        if "beside" in self.end.at:
            (beside,) = self.codes("beside")
            met = beyond == beside
            if not met.any():
                remedy = f"{country} does not border on it here, but on: {_few(beside, beyond)}."
                raise self._wrong("beside", self.end.at["beside"], remedy)
            nodes = nodes[met]
        self.rows = np.unique(nodes).astype(np.int64)

    def keep_edge(self) -> None:
        """Keep the nodes along one edge of the area."""
        area = self.network.area
        box = dict(zip(_BOUNDS, area.bbox, strict=True))
        step = 1.5 * area.cell_m / DEGREE_M
        # A degree of longitude is shorter than one of latitude, and shortens away from the equator.
        wide = step / np.cos(np.radians(self._numbers("y")))
        along = {}
        for edge, bound in box.items():
            values, depth = self._numbers(_BOUNDS[edge]), wide if _BOUNDS[edge] == "x" else step
            upper = edge in ("east", "north")
            along[edge] = values > bound - depth if upper else values < bound + depth

        def remedy() -> str:
            met = ", ".join(edge for edge, nodes in along.items() if nodes.any())
            return f"No sea reaches it, but: {met or 'none'}."

        self._keep(along[self.end.at["edge"]], "edge", remedy)

    def keep_bounds(self) -> None:
        """Keep the nodes between the bounds in degrees and in the area's box."""
        bounds = dict(zip(_BOUNDS, self.network.area.bbox, strict=True)) | self._narrower()
        for key in ("south", "north", "west", "east"):
            values, bound = self._numbers(_BOUNDS[key]), bounds[key]
            inside = values <= bound if key in ("north", "east") else values >= bound
            self._keep(inside, key, partial(_extent, values, _BOUNDS[key]))

    def _narrower(self) -> dict[str, float]:
        """The bounds of the end that differ from the area's, longitudes turned to the area."""
        at, area = self.end.at, self.network.area
        west, east = area.between(at.get("west", -np.inf), at.get("east", np.inf))
        if west > east:
            raise self._wrong("west", at["west"], f"Give no more than east, {at['east']:g}.")
        bounds = {key: at[key] for key in ("south", "north") if key in at}
        bounds |= {"west": west, "east": east}
        return {key: bound for key, bound in bounds.items() if np.isfinite(bound)}

    def _keep(
        self, chosen: npt.NDArray[np.bool_] | BoolArray, key: str, remedy: Callable[[], str]
    ) -> None:
        """Keep the rows that are chosen; refuse a key that leaves none.

        The remedy is computed only for a refusal, because listing the nearest names is slow.
        """
        if not chosen.any():
            raise self._wrong(key, self.end.at.get(key), remedy())
        self.rows = self.rows[chosen]

    def _wrong(self, key: str, value: object, remedy: str) -> InputError:
        return wrong_key(self.end, key, value, remedy, field=self.field)

    def _texts(self, column: str) -> ObjectArray:
        """Texts of the rows."""
        columns = self.network.node_columns
        names = np.array(columns.categories[column], object)
        return np.asarray(names[columns.values[column][self.rows]])

    def _numbers(self, column: str) -> npt.NDArray[np.floating]:
        """Coordinates of the rows."""
        return np.asarray(self.network.node_columns.values[column][self.rows])

    def _known(self, column: str) -> list[str]:
        """Countries, or districts, of the network."""
        columns = self.network.node_columns
        # Nodes share a few codes, and counting codes is much faster than sorting the text of each
        # node.
        counts = np.bincount(columns.values[column])
        codes = {columns.categories[column][code] for code in np.flatnonzero(counts)}
        if column == "admin1":
            codes |= set(self.network.admin["id"].astype(str))
        return sorted(codes - {""})


def _unknown(key: str, code: str, known: list[str]) -> str:
    """The remedy for a country or a district that the network does not have."""
    if key != "admin1":
        return f"The network has no such country; its countries are {', '.join(known)}."
    near = nearest(code.upper(), known, most=FEW)
    rest = f"the nearest are {', '.join(near)}" if near else f"some are {', '.join(known[:FEW])}"
    return f"The network has no such district; {rest}."


def _extent(values: npt.NDArray[np.floating], axis: str) -> str:
    """The remedy for a bound beyond which there is no node."""
    degrees = "latitude" if axis == "y" else "longitude"
    extent = f"from {values.min():.2f} to {values.max():.2f} in {degrees}"
    return f"Nothing of it lies there; it lies {extent}."


def _few(text: str, values: Iterable[str]) -> str:
    """All values, or those nearest to a text when there are many."""
    names = sorted({value for value in values if value})
    if len(names) <= FEW:
        return ", ".join(names) or "none"
    return ", ".join(nearest(text, names, most=FEW, cutoff=0.0))
