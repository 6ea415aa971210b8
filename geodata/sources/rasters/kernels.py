"""Compiled loops over the pixels of a window: onto the cells in which they lie."""

from __future__ import annotations

import math

import numpy as np

from geodata.arrays import Float32Array, Float64Array, Int64Array, UInt32Array
from geodata.computing.compiled import kernel


@kernel(nogil=True)
def _place(nodes: Float64Array, row: float, column: float, step: int) -> float:
    """Value of a lattice at a pixel of the window, counted from the first one's centre."""
    down, across = row / step, column / step
    i = min(max(math.floor(down), 0), nodes.shape[0] - 2)
    j = min(max(math.floor(across), 0), nodes.shape[1] - 2)
    t, s = down - i, across - j
    top = nodes[i, j] * (1 - s) + nodes[i, j + 1] * s
    bottom = nodes[i + 1, j] * (1 - s) + nodes[i + 1, j + 1] * s
    return float(top * (1 - t) + bottom * t)


@kernel(nogil=True)
def _near(
    across: Float64Array,
    down: Float64Array,
    i: int,
    j: int,
    step: int,
    split: int,
    rows: int,
    columns: int,
) -> bool:
    """Whether a pixel may have a part on the grid: none is as wide as `split` cells."""
    column = _place(across, float(i), float(j), step)
    row = _place(down, float(i), float(j), step)
    return -split <= column < columns + split and -split <= row < rows + split


@kernel(nogil=True)
def add_values(
    values: Float32Array,
    across: Float64Array,
    down: Float64Array,
    step: int,
    split: int,
    sums: Float64Array,
    weights: Float64Array,
) -> None:
    """Add each pixel to the cells in which its parts lie.

    Parameters
    ----------
    values
        Of a window, NaN where there is none.
    across, down
        Column and row of the grid at the nodes of the window's lattice.
    step
        Pixels from node to node.
    split
        Parts along the edge of a pixel.
    sums, weights
        Per cell: value times area, and area, of what lies there; area in cells.
    """
    rows, columns = sums.shape
    part = 1.0 / split
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            value = values[i, j]
            if math.isnan(value):
                continue
            cover = _cells(across, down, i, j, step)
            if not cover > 0.0 or not _near(across, down, i, j, step, split, rows, columns):
                continue
            for a in range(split):
                for b in range(split):
                    y, x = i + (a + 0.5) * part - 0.5, j + (b + 0.5) * part - 0.5
                    column = _place(across, y, x, step)
                    row = _place(down, y, x, step)
                    if not (0.0 <= column < columns and 0.0 <= row < rows):
                        continue
                    weight = cover * part * part
                    sums[int(row), int(column)] += value * weight
                    weights[int(row), int(column)] += weight


@kernel(nogil=True)
def add_counts(
    values: Float32Array,
    across: Float64Array,
    down: Float64Array,
    step: int,
    split: int,
    sums: Float64Array,
    weights: Float64Array,
) -> None:
    """Share what each pixel holds among the cells in which its parts lie; as `add_values`.

    `sums` has the pixels' values, which are counts, so that none is lost and none comes twice.
    """
    rows, columns = sums.shape
    part = 1.0 / split
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            value = values[i, j]
            if math.isnan(value):
                continue
            if not _near(across, down, i, j, step, split, rows, columns):
                continue
            cover = _cells(across, down, i, j, step)
            for a in range(split):
                for b in range(split):
                    y, x = i + (a + 0.5) * part - 0.5, j + (b + 0.5) * part - 0.5
                    column = _place(across, y, x, step)
                    row = _place(down, y, x, step)
                    if 0.0 <= column < columns and 0.0 <= row < rows:
                        sums[int(row), int(column)] += value * part * part
                        weights[int(row), int(column)] += cover * part * part


@kernel(nogil=True)
def add_classes(
    classes: Int64Array,
    across: Float64Array,
    down: Float64Array,
    step: int,
    split: int,
    counts: UInt32Array,
) -> None:
    """Count the parts of pixels by class and cell.

    Parameters
    ----------
    classes
        Position of each pixel's class in `counts`, -1 where there is none.
    counts
        Shape (classes, rows, columns).
    """
    _, rows, columns = counts.shape
    part = 1.0 / split
    for i in range(classes.shape[0]):
        for j in range(classes.shape[1]):
            if classes[i, j] < 0 or not _near(across, down, i, j, step, split, rows, columns):
                continue
            for a in range(split):
                for b in range(split):
                    y, x = i + (a + 0.5) * part - 0.5, j + (b + 0.5) * part - 0.5
                    column = _place(across, y, x, step)
                    row = _place(down, y, x, step)
                    if 0.0 <= column < columns and 0.0 <= row < rows:
                        counts[classes[i, j], int(row), int(column)] += np.uint32(1)


@kernel(nogil=True)
def _bend(
    across: Float64Array, down: Float64Array, i: int, j: int, step: int
) -> tuple[float, float, float, float]:
    """Columns and rows of the grid a pixel across and a pixel down."""
    y = min(max(i // step, 0), across.shape[0] - 2)
    x = min(max(j // step, 0), across.shape[1] - 2)
    return (
        (across[y, x + 1] - across[y, x]) / step,
        (across[y + 1, x] - across[y, x]) / step,
        (down[y, x + 1] - down[y, x]) / step,
        (down[y + 1, x] - down[y, x]) / step,
    )


@kernel(nogil=True)
def _cells(across: Float64Array, down: Float64Array, i: int, j: int, step: int) -> float:
    """Area of a pixel in cells."""
    a, b, c, d = _bend(across, down, i, j, step)
    return abs(a * d - b * c)


@kernel(nogil=True)
def slopes(
    heights: Float32Array,
    across: Float64Array,
    down: Float64Array,
    step: int,
    cell_m: float,
) -> Float32Array:
    """Rise over run at each pixel of a window, by the heights on both sides of it.

    Parameters
    ----------
    heights
        Metres, with one row and one column more on every side, NaN where there is none.
    across, down, step
        Lattice of the window without those.
    cell_m
        Edge of a cell in metres.
    """
    rows, columns = heights.shape[0] - 2, heights.shape[1] - 2
    steep = np.full((rows, columns), np.nan, np.float32)
    for i in range(rows):
        for j in range(columns):
            middle = heights[i + 1, j + 1]
            if math.isnan(middle):
                continue
            x = _difference(heights[i + 1, j], middle, heights[i + 1, j + 2])
            y = _difference(heights[i, j + 1], middle, heights[i + 2, j + 1])
            a, b, c, d = _bend(across, down, i, j, step)
            area = a * d - b * c
            if area != 0.0:
                east, south = (d * x - c * y) / area, (a * y - b * x) / area
                steep[i, j] = math.hypot(east, south) / cell_m
    return steep


@kernel(nogil=True)
def _difference(before: float, middle: float, after: float) -> float:
    """Rise a pixel, from both sides where both are known."""
    if math.isnan(before):
        return 0.0 if math.isnan(after) else after - middle
    return middle - before if math.isnan(after) else (after - before) / 2


@kernel(nogil=True)
def interpolate(values: Float32Array, row: Float64Array, column: Float64Array) -> Float64Array:
    """Values at points, from the four pixel centres around each that are known.

    Parameters
    ----------
    row, column
        Counted from the centre of the first pixel.
    """
    rows, columns = values.shape
    result = np.full(len(row), np.nan)
    for at in range(len(row)):
        y = min(max(row[at], 0.0), rows - 1.0)
        x = min(max(column[at], 0.0), columns - 1.0)
        i, j = min(int(y), max(rows - 2, 0)), min(int(x), max(columns - 2, 0))
        t, s = y - i, x - j
        total = weights = 0.0
        for a in range(2):
            for b in range(2):
                weight = (t if a else 1 - t) * (s if b else 1 - s)
                value = values[min(i + a, rows - 1), min(j + b, columns - 1)]
                if weight > 0.0 and not math.isnan(value):
                    total += weight * value
                    weights += weight
        if weights > 0.0:
            result[at] = total / weights
    return result
