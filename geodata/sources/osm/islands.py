"""Islands: connected components of roads other than the largest, and how they are joined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geodata.area.geodesy import geodesic, on_earth
from geodata.arrays import Float64Array, Int64Array
from geodata.sources.osm.links import Links


@dataclass(frozen=True)
class RoadPieces:
    """Connected component of each link; 0 is the largest.

    Parameters
    ----------
    of
        By link.
    length_m
        By piece.
    """

    of: Int64Array
    length_m: Float64Array


def find_pieces(links: Links) -> RoadPieces:
    """Weakly connected components, by falling length."""
    size = links.nodes
    graph = coo_array((np.ones(len(links.u), bool), (links.u, links.v)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    _, piece = np.unique(label[links.u], return_inverse=True)
    metres = np.bincount(piece, links.length_m).astype(np.float64)
    order = np.argsort(-metres, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return RoadPieces(of=rank[piece].astype(np.int64), length_m=metres[order])


def join_islands(links: Links, *, within_m: float, kmh: float) -> tuple[Links, int]:
    """Join islands to the nearest node of another piece; returns all links, and how many are new.

    Each new link is straight and has the tags of a link of the island that it joins.

    Parameters
    ----------
    within_m
        Largest length of a gap in metres.
    kmh
        Speed over the gap.
    """
    pieces = find_pieces(links)
    if len(pieces.length_m) < 2:
        return links, 0
    node, x, y, piece, row = _nodes(links, pieces)
    near = _gaps(x, y, piece, within_m)
    if not len(near):
        return links, 0
    one, other, metres = near[:, 0].astype(np.int64), near[:, 1].astype(np.int64), near[:, 2]
    added = links.of(row[one])
    count = len(one)
    begin = len(links.x) + 2 * np.arange(count)
    seconds = metres * 3.6 / kmh
    ends = np.stack([one, other], axis=1).ravel()
    joins = replace(
        added, u=node[one].astype(np.int32), v=node[other].astype(np.int32),
        start=begin, stop=begin + 2, length_m=metres, seconds_uv=seconds, seconds_vu=seconds,
        x=np.append(links.x, x[ends]), y=np.append(links.y, y[ends]),
    )  # fmt: skip
    return links.and_of(joins), count


class _Nodes(NamedTuple):
    """Nodes with their positions and pieces, and one link that ends at each."""

    node: Int64Array
    x: Float64Array
    y: Float64Array
    piece: Int64Array
    link: Int64Array


def _nodes(links: Links, pieces: RoadPieces) -> _Nodes:
    """Nodes of some links."""
    ends = np.concatenate([links.u, links.v])
    vertex = np.concatenate([links.start, links.stop - 1])
    node, at = np.unique(ends, return_index=True)
    row = at % len(links.u)
    return _Nodes(node, links.x[vertex[at]], links.y[vertex[at]], pieces.of[row], row)


def _gaps(x: Float64Array, y: Float64Array, piece: Int64Array, within_m: float) -> Float64Array:
    """Pairs of nodes to join, from smaller to larger pieces, and their distance in metres."""
    chord, other = _nearest_of_larger(on_earth(x, y), piece, within_m)
    rows = np.flatnonzero(np.isfinite(chord))
    order = rows[np.lexsort((rows, chord[rows], piece[rows]))]
    _, first = np.unique(piece[order], return_index=True)
    one = order[first]
    two = other[one]
    return np.stack([one, two, geodesic(x[one], y[one], x[two], y[two])], axis=1)


def _nearest_of_larger(
    places: Float64Array, piece: Int64Array, within_m: float
) -> tuple[Float64Array, Int64Array]:
    """The nearest node of any larger piece, and its distance: infinite where none is near.

    Divide and conquer: the nodes of the smaller half of the pieces search among those of the
    larger half; then each half is divided in the same way.
    """
    order = np.argsort(piece, kind="stable")
    begins = np.searchsorted(piece[order], np.arange(int(piece.max()) + 2))
    chord, other = np.full(len(piece), within_m, float), np.full(len(piece), -1)
    parts = [(0, len(begins) - 1)]
    while parts:
        low, high = parts.pop()
        if high - low < 2:
            continue
        # All pieces search the largest one at once, which mostly has nearly all nodes.
        middle = 1 if low == 0 else (low + high) // 2
        larger, smaller = (
            order[begins[one] : begins[two]] for one, two in ((low, middle), (middle, high))
        )
        nearest = cKDTree(places[larger]).query(
            places[smaller], distance_upper_bound=chord[smaller].max()
        )
        metres, at = (np.reshape(each, -1) for each in nearest)
        nearer = metres < chord[smaller]
        chord[smaller[nearer]], other[smaller[nearer]] = metres[nearer], larger[at[nearer]]
        parts += [(low, middle), (middle, high)]
    chord[other < 0] = np.inf
    return chord, other
