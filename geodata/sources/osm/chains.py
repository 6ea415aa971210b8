"""Chains: links that meet at nodes of degree two, merged with all of their vertices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geodata.arrays import BoolArray, Float64Array, Int64Array
from geodata.sources.osm.links import Links

_NONE = -1


def merge(links: Links, *, kind: Int64Array, fixed: BoolArray) -> Links:
    """Merge links at nodes where exactly two links of one kind meet.

    Seconds are added up, so that speeds are those of the ways. Links merge only where both may be
    passed in the same directions, so that one-way roads stay one-way.

    Parameters
    ----------
    kind
        Equal where links may merge.
    fixed
        Nodes at which nothing is merged.
    """
    chain, place, turned = _order(_partners(links, kind, fixed), len(links.way))
    order = np.lexsort((place, chain))
    first = np.concatenate(([True], np.diff(chain[order]) != 0)) if len(order) else order > 0
    start = np.flatnonzero(first)
    if not len(start):
        return links
    last = np.append(start[1:], len(order)) - 1
    turned = turned[order]
    merged = links.of(_longest(links.length_m[order], order, start))
    along, against = links.seconds_uv[order], links.seconds_vu[order]
    uv, vu = np.where(turned, against, along), np.where(turned, along, against)
    vertices, sizes = _vertices(links, order, turned, first)
    stop = np.cumsum(np.add.reduceat(sizes, start))
    return replace(
        merged,
        u=np.where(turned[start], links.v[order[start]], links.u[order[start]]),
        v=np.where(turned[last], links.u[order[last]], links.v[order[last]]),
        start=np.concatenate(([0], stop[:-1])), stop=stop,
        x=links.x[vertices], y=links.y[vertices],
        length_m=np.add.reduceat(links.length_m[order], start),
        seconds_uv=np.add.reduceat(uv, start), seconds_vu=np.add.reduceat(vu, start),
    )  # fmt: skip


def _partners(links: Links, kind: Int64Array, fixed: BoolArray) -> Int64Array:
    """For each end of a link, the end of the next link of its chain, or -1.

    The ends of link ``i`` are ``2 i`` at its `u`, and ``2 i + 1`` at its `v`.
    """
    node = np.stack([links.u, links.v], axis=1).ravel()
    order = np.argsort(node, kind="stable")
    at = node[order]
    begin = np.flatnonzero(np.concatenate(([True], at[1:] != at[:-1]))) if len(at) else at
    pairs = begin[(np.diff(np.append(begin, len(at))) == 2) & ~fixed[at[begin]]]
    one, other = order[pairs], order[pairs + 1]
    away = np.isfinite(np.stack([links.seconds_uv, links.seconds_vu], axis=1).ravel())
    to = np.isfinite(np.stack([links.seconds_vu, links.seconds_uv], axis=1).ravel())
    joined = (one // 2 != other // 2) & (kind[one // 2] == kind[other // 2])
    joined &= (away[one] == to[other]) & (to[one] == away[other])
    partner = np.full(2 * len(links.way), _NONE, np.int64)
    partner[one[joined]], partner[other[joined]] = other[joined], one[joined]
    return partner


def _order(partner: Int64Array, count: int) -> tuple[Int64Array, Int64Array, BoolArray]:
    """Chain of each link, its position in it, and whether the chain passes it from `v` to `u`."""
    chain = np.arange(count, dtype=np.int64)
    place, turned = np.zeros(count, np.int64), np.zeros(count, bool)
    free = (partner == _NONE).reshape(-1, 2)
    lonely = free.all(axis=1)
    done = lonely.tolist()
    onward = partner.tolist()
    ends = np.flatnonzero(free.any(axis=1) & ~lonely).tolist()
    rings = np.flatnonzero(~free.any(axis=1)).tolist()
    for first in ends + rings:
        if done[first]:
            continue
        # An open chain begins at an end without a next link, a closed one at any link.
        end, at = 2 * first + (onward[2 * first + 1] == _NONE), 0
        while end != _NONE and not done[end // 2]:
            link = end // 2
            done[link] = True
            chain[link], place[link], turned[link] = first, at, bool(end % 2)
            end, at = onward[end ^ 1], at + 1
    return chain, place, turned


def _longest(length_m: Float64Array, order: Int64Array, start: Int64Array) -> Int64Array:
    """The longest link of each chain; the chain takes its tags from that link's way.

    Parameters
    ----------
    length_m
        By link, in the order of the chains.
    order, start
        Links, chain by chain, and where in that each chain begins.
    """
    chain = np.repeat(np.arange(len(start)), np.diff(np.append(start, len(order))))
    # Sorted by chain and falling length, the longest of a chain is where the chain begins.
    longest_first = np.lexsort((-length_m, chain))
    return order[longest_first[start]]


def _vertices(
    links: Links, order: Int64Array, turned: BoolArray, first: BoolArray
) -> tuple[Int64Array, Int64Array]:
    """Vertices of chains, shared ones once, and how many vertices each link adds."""
    # Each link but the first leaves out the vertex that it shares with the one before.
    shared = ~first
    size = links.stop[order] - links.start[order]
    sizes = size - shared
    begins = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    step = np.arange(int(sizes.sum())) - np.repeat(begins, sizes) + np.repeat(shared, sizes)
    along = np.repeat(links.start[order], sizes) + step
    against = np.repeat(links.stop[order] - 1, sizes) - step
    return np.where(np.repeat(turned, sizes), against, along), sizes
