"""Roads of OpenStreetMap as nodes and links of a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.area.box import Box, longitudes_about
from geodata.area.geodesy import steps
from geodata.arrays import BoolArray, Float64Array, Int64Array
from geodata.errors import DataError
from geodata.sources.area_file import Roads
from geodata.sources.osm.chains import merge
from geodata.sources.osm.clipping import clip_links
from geodata.sources.osm.extract import Extract
from geodata.sources.osm.islands import find_pieces, join_islands
from geodata.sources.osm.links import Links, split_ways
from geodata.sources.osm.ways import Counts, Ways, read_ways

OSM_COLUMNS = (
    "u", "v", "mode", "class", "surface", "length_m", "straight_m", "seconds_uv", "seconds_vu",
    "ref", "name", "country", "crossing", "schematic", "geometry",
)  # fmt: skip
"""Columns of links: those of any road network, and `mode`."""
_LINES = 20_000
JOIN_KMH = 5.0
"""Speed over the gap between an island and the piece that it is joined to."""


@dataclass(frozen=True)
class Report:
    """Report on the reading of roads.

    Parameters
    ----------
    counts
        Of ways and nodes, before roads are cut at the edge of the area.
    closed
        Links closed in both directions, which are left out.
    links, length_km
        Number and length of the remaining links.
    joined, dropped
        Number of islands joined, and whether the others were left out.
    pieces, islands_km
        Connected components after joining, and the length of all but the largest.
    """

    counts: Counts
    closed: int
    links: int
    length_km: float
    pieces: int
    islands_km: float
    joined: int
    dropped: bool

    def remarks(self) -> Iterator[str]:
        """Remarks for users, a sentence each."""
        counts = self.counts
        if counts.missing_nodes:
            yield (
                f"{counts.broken_ways:,} ways end early: the files lack {counts.missing_nodes:,} "
                "of their nodes, as extracts that are cut roughly do."
            )
        if counts.single:
            yield f"{counts.single:,} ways of one node are left out."
        if self.closed:
            yield f"{self.closed:,} links that nobody may pass are left out."
        if counts.left_out:
            known = sorted(counts.left_out.items(), key=lambda each: (-each[1], each[0]))
            most = ", ".join(f"{value} ({count:,})" for value, count in known[:5])
            total = counts.left_out.total()
            yield f"{total:,} ways are of classes that the rules of roads leave out: {most}."
        if self.joined:
            yield f"{self.joined:,} islands are joined to others over gaps."
        if self.pieces > 1:
            what = "are left out" if self.dropped else "stay islands"
            yield (
                f"{self.pieces - 1:,} pieces that no road joins to the largest one, "
                f"{self.islands_km:,.0f} km in all, {what}."
            )


@dataclass(frozen=True)
class OsmRoads:
    """Nodes and links of the roads of OpenStreetMap, with a report on their reading.

    Parameters
    ----------
    nodes
        Columns x, y, kind (junction, crossing), country, name. A crossing is a post that
        controls a border.
    links
        Columns `OSM_COLUMNS`; `u` and `v` are row numbers of `nodes`.
    """

    nodes: pd.DataFrame
    links: gpd.GeoDataFrame
    report: Report


def read_osm_roads(
    paths: Sequence[Path | str], box: Box | None, *, rules: Roads, merged: bool = True
) -> OsmRoads:
    """Roads of one extract, or of several that overlap, within a box.

    Parameters
    ----------
    box
        Roads are cut at its edge; it may reach beyond the antimeridian. All without one.
    rules
        Classes, speeds, delays, and the treatment of islands.
    merged
        Whether links are merged at nodes where exactly two of one kind meet.

    Raises
    ------
    DataError
        When a file cannot be read, or has no road in the box.
    """
    return roads_of_ways(
        read_ways(Extract(paths), rules), box, rules=rules, paths=paths, merged=merged
    )


def roads_of_ways(
    ways: Ways,
    box: Box | None,
    *,
    rules: Roads,
    paths: Sequence[Path | str],
    merged: bool = True,
) -> OsmRoads:
    """Nodes and links of ways, whatever their source.

    Parameters
    ----------
    box, rules, merged
        As for `read_osm_roads`.
    paths
        Their files, for messages.

    Raises
    ------
    DataError
        When no way is in the box.
    """
    ways = _around(ways, box)
    links = split_ways(ways) if len(ways.kind) else None
    if links is not None and box is not None:
        links = clip_links(links, box)
    if links is None or not len(links.way):
        raise _no_roads(paths, box)
    # Places are those of the links by now: a country has millions. A slice would keep them all.
    ways = replace(ways, node=ways.node[:0].copy(), x=ways.x[:0].copy(), y=ways.y[:0].copy())
    cut = len(links.way)
    links = links.of(np.isfinite(links.seconds_uv) | np.isfinite(links.seconds_vu))
    closed = cut - len(links.way)
    joined = 0
    if rules.islands == "join":
        links, joined = join_islands(links, within_m=rules.join_m, kmh=JOIN_KMH)
    pieces = find_pieces(links)
    if rules.islands == "drop":
        links = links.of(pieces.of == 0)
    if merged:
        links = merge(links, kind=_kinds(ways, links), fixed=_fixed(links))
    nodes, table = _tables(ways, _without_loops(links))
    report = Report(
        counts=ways.counts,
        closed=closed, links=len(table),
        length_km=float(table["length_m"].sum()) / 1000, pieces=len(pieces.length_m),
        islands_km=float(pieces.length_m[1:].sum()) / 1000, joined=joined,
        dropped=rules.islands == "drop",
    )  # fmt: skip
    return OsmRoads(nodes, table, report)


def _no_roads(paths: Sequence[Path | str], box: Box | None) -> DataError:
    names = ", ".join(str(path) for path in paths)
    if box is None:
        return DataError(names, "no road", "Give an extract that has some.")
    edges = ", ".join(f"{edge:g}" for edge in box)
    return DataError(
        names, f"no road within {edges}", "Check that the area and the extract are of one place."
    )


def _around(ways: Ways, box: Box | None) -> Ways:
    """Ways with longitudes about the middle of the box, so that none jumps by 360 degrees in it."""
    if box is None:
        return ways
    middle = box.middle
    if abs(middle) <= 180 and (ways.x >= middle - 180).all() and (ways.x <= middle + 180).all():
        return ways
    return replace(ways, x=longitudes_about(middle, ways.x))


def _kinds(ways: Ways, links: Links) -> Int64Array:
    """A number for each class, surface, mode and road number: links of one may merge."""
    known: dict[tuple[str, ...], int] = {}
    kinds = np.array(
        [known.setdefault((kind.road_class, kind.surface, kind.mode), len(known))
         for kind in ways.kinds], np.int64,
    )  # fmt: skip
    both: Int64Array = kinds[ways.kind] * len(ways.texts) + ways.ref
    return both[links.way]


def _fixed(links: Links) -> BoolArray:
    """Whether each node has a border control, and so is not merged away."""
    fixed = np.zeros(links.nodes, bool)
    fixed[[node for node in links.control if node < len(fixed)]] = True
    return fixed


def _without_loops(links: Links) -> Links:
    """The links, each that returns to its own node split in two."""
    loops = np.flatnonzero(links.u == links.v)
    if not len(loops):
        return links
    # Of two middle vertices the same one is chosen, in whichever direction the loop is drawn.
    both = links.start[loops] + links.stop[loops]
    one, other = (both - 1) // 2, both // 2
    west = links.x[one] + links.y[one] < links.x[other] + links.y[other]
    middle = np.where(west, one, other)
    large = (middle > links.start[loops]) & (middle < links.stop[loops] - 1)
    loops, middle = loops[large], middle[large]
    return links.of(links.u != links.v).and_of(*_halves(links, loops, middle))


def _halves(links: Links, loops: Int64Array, middle: Int64Array) -> tuple[Links, Links]:
    """Both halves of loops, which meet at a vertex."""
    new = (links.nodes + np.arange(len(loops))).astype(np.int32)
    rings = links.of(loops)
    part = np.array(
        [_metres(links, *run) for run in zip(rings.start, middle + 1, strict=True)], np.float64
    )
    entire = np.array(
        [_metres(links, *run) for run in zip(rings.start, rings.stop, strict=True)], np.float64
    )
    share = np.divide(part, entire, out=np.full(len(part), 0.5), where=entire > 0)
    return (
        _part(replace(rings, v=new, stop=middle + 1), share),
        _part(replace(rings, u=new, start=middle), 1.0 - share),
    )


def _metres(links: Links, start: int, stop: int) -> float:
    return float(steps(links.x[start:stop], links.y[start:stop]).sum())


def _part(links: Links, share: Float64Array) -> Links:
    return replace(
        links, length_m=links.length_m * share, seconds_uv=links.seconds_uv * share,
        seconds_vu=links.seconds_vu * share,
    )  # fmt: skip


def _tables(ways: Ways, links: Links) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Nodes that links have, by their number, and the links."""
    ends = np.concatenate([links.u, links.v])
    vertex = np.concatenate([links.start, links.stop - 1])
    node, at, row = np.unique(ends, return_index=True, return_inverse=True)
    texts = np.array(ways.texts, object)
    name = np.array([links.control.get(one, "") for one in node.tolist()], object)
    control = np.isin(node, list(links.control))
    nodes = pd.DataFrame(
        {
            "x": links.x[vertex[at]], "y": links.y[vertex[at]],
            "kind": np.where(control, "crossing", "junction").astype(object),
            "country": "", "name": name,
        }
    )  # fmt: skip
    kind = ways.kind[links.way]

    def of(field: str) -> list[Any]:
        known = [getattr(each, field) for each in ways.kinds]
        return [known[each] for each in kind.tolist()]

    table = {
        "u": row[: len(links.u)].astype(np.int32), "v": row[len(links.u) :].astype(np.int32),
        "mode": of("mode"), "class": of("road_class"), "surface": of("surface"),
        "length_m": links.length_m, "straight_m": links.length_m,
        "seconds_uv": links.seconds_uv, "seconds_vu": links.seconds_vu,
        "ref": texts[ways.ref[links.way]], "name": texts[ways.name[links.way]],
        "country": "", "crossing": "", "schematic": False,
        "geometry": _lines(links),
    }  # fmt: skip
    # The columns are in the order of `OSM_COLUMNS`, as choosing them would copy all data.
    return nodes, gpd.GeoDataFrame(table, crs="EPSG:4326")


def _lines(links: Links) -> Any:
    """Geometries of links, made in batches because their input arrays need much memory."""
    lines = np.empty(len(links.way), object)
    for begin in range(0, len(lines), _LINES):
        some = slice(begin, begin + _LINES)
        start, sizes = links.start[some], (links.stop - links.start)[some]
        first = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        vertices = np.arange(int(sizes.sum())) + np.repeat(start - first, sizes)
        row = np.repeat(np.arange(len(sizes)), sizes)
        lines[some] = shapely.linestrings(links.x[vertices], links.y[vertices], indices=row)
    return lines
