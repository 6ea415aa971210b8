"""Clipping of links to a box, and where lines enter and leave it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from geodata.area.box import Box
from geodata.area.geodesy import steps
from geodata.arrays import BoolArray, Float64Array
from geodata.sources.osm.links import Links


def clip_steps(x: Float64Array, y: Float64Array, box: Box) -> tuple[Float64Array, Float64Array]:
    """Shares of each segment at which it enters and leaves a box (Liang and Barsky 1984)."""
    west, south, east, north = box
    enters, leaves = np.zeros(len(x) - 1), np.ones(len(x) - 1)
    for values, low, high in ((x, west, east), (y, south, north)):
        begin, delta = values[:-1], np.diff(values)
        # A segment that spans the world is one that the antimeridian cut.
        leaves[np.abs(delta) > 180.0] = -1.0
        still = delta == 0
        leaves[still & ((begin < low) | (begin > high))] = -1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            one, other = (low - begin) / delta, (high - begin) / delta
        first, second = np.minimum(one, other), np.maximum(one, other)
        enters = np.where(still, enters, np.maximum(enters, first))
        leaves = np.where(still, leaves, np.minimum(leaves, second))
    return enters, leaves


def clip_links(links: Links, box: Box) -> Links:
    """Links clipped to a box.

    Of a link with both ends outside, the parts inside are kept as well.
    """
    west, south, east, north = box
    outside = (links.x < west) | (links.x > east) | (links.y < south) | (links.y > north)
    if not outside.any():
        return links
    below = np.concatenate(([0], np.cumsum(outside)))
    partly = below[links.stop] > below[links.start]
    kept, cut = links.of(~partly), links.of(partly & _near(links, box))
    pieces = _cut(cut, box, new=links.nodes)
    offset = len(links.x)
    return kept.and_of(
        replace(
            pieces, start=pieces.start + offset, stop=pieces.stop + offset,
            x=np.append(links.x, pieces.x), y=np.append(links.y, pieces.y),
        )
    )  # fmt: skip


def _near(links: Links, box: Box) -> BoolArray:
    """Whether the boxes of links meet the box."""
    west, south, east, north = box
    bounds = []
    for values, reduce in ((links.x, np.minimum), (links.y, np.minimum),
                           (links.x, np.maximum), (links.y, np.maximum)):  # fmt: skip
        padded = np.append(values, values[-1])
        slices = np.stack([links.start, links.stop], axis=1).ravel()
        bounds.append(reduce.reduceat(padded, slices)[::2])
    left, bottom, right, top = bounds
    near: BoolArray = (left <= east) & (right >= west) & (bottom <= north) & (top >= south)
    return near


class _Step(NamedTuple):
    """A segment of a link that meets the box: its number, and shares where it enters and leaves."""

    at: int
    enters: float
    leaves: float


@dataclass(frozen=True)
class _Piece:
    """A part of a link within the box: its vertices, and its ends as shares of the link."""

    row: int
    x: list[float]
    y: list[float]
    u: int
    v: int
    share: float


def _cut(links: Links, box: Box, *, new: int) -> Links:
    """Links cut at the edge of a box; `new` is the number of the next new node."""
    pieces: list[_Piece] = []
    for row in range(len(links.way)):
        x, y = (values[links.start[row] : links.stop[row]] for values in (links.x, links.y))
        new = _cut_one(pieces, row, (x, y), box, ends=(int(links.u[row]), int(links.v[row]), new))
    rows = np.array([piece.row for piece in pieces], np.int64)
    share = np.array([piece.share for piece in pieces])
    stop = np.cumsum([len(piece.x) for piece in pieces], dtype=np.int64)
    cut = links.of(rows)
    return replace(
        cut,
        u=np.array([piece.u for piece in pieces], np.int32),
        v=np.array([piece.v for piece in pieces], np.int32),
        start=stop - np.array([len(piece.x) for piece in pieces], np.int64),
        stop=stop,
        x=np.array([x for piece in pieces for x in piece.x], np.float64),
        y=np.array([y for piece in pieces for y in piece.y], np.float64),
        length_m=cut.length_m * share, seconds_uv=cut.seconds_uv * share,
        seconds_vu=cut.seconds_vu * share,
    )  # fmt: skip


def _cut_one(
    pieces: list[_Piece],
    row: int,
    line: tuple[Float64Array, Float64Array],
    box: Box,
    *,
    ends: tuple[int, int, int],
) -> int:
    """Add the pieces of one link; gives the next number of a new node."""
    x, y = line
    u, v, new = ends
    metres = steps(x, y)
    enters, leaves = clip_steps(x, y, box)
    entire = metres.sum()
    run: list[_Step] = []
    for at in [*np.flatnonzero(leaves > enters).tolist(), -1]:
        if run and (at != run[-1].at + 1 or run[-1].leaves < 1.0 or enters[at] > 0.0):
            (first, begin, _), (last, _, stop) = run[0], run[-1]
            inner = slice(first + 1, last + 1)
            px = [_between(x, first, begin), *x[inner].tolist(), _between(x, last, stop)]
            py = [_between(y, first, begin), *y[inner].tolist(), _between(y, last, stop)]
            start, end = u, v
            if first > 0 or begin > 0.0:
                start, new = new, new + 1
            if last < len(x) - 2 or stop < 1.0:
                end, new = new, new + 1
            covered = sum(metres[k] * (b - a) for k, a, b in run)
            share = float(covered / entire) if entire > 0 else 1.0
            pieces.append(_Piece(row, px, py, start, end, share))
            run = []
        if at >= 0:
            run.append(_Step(at, float(enters[at]), float(leaves[at])))
    return new


def _between(values: Float64Array, at: int, share: float) -> float:
    return float(values[at] + (values[at + 1] - values[at]) * share)
