"""Rasters of known content, made for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from pyproj import Transformer
from rasterio.warp import transform_bounds

from geodata.area.box import Box
from geodata.area.study_area import StudyArea
from geodata.sources.area_file import Layer

BOX = Box(-89.0, 14.0, -87.5, 15.2)


def area(bbox: tuple[float, float, float, float] = BOX, cell_m: float = 2000.0) -> StudyArea:
    return StudyArea(name="test", bbox=bbox, countries=(), neighbours=(), cell_m=cell_m)


def layer(role: str, *paths: Path, **options: Any) -> Layer:
    return Layer(role=role, path=tuple(map(str, paths)), **options)


def write(path: Path, values: np.ndarray, transform: Affine, crs: Any, **options: Any) -> Path:
    """A GeoTIFF; `scales` and `offsets` are those of its band."""
    scale, offset = options.pop("scale", None), options.pop("offset", None)
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
        dtype=values.dtype, crs=crs, transform=transform, **options,
    ) as file:  # fmt: skip
        file.write(values, 1)
        if scale is not None:
            file.scales, file.offsets = (scale,), (offset,)
    return path


def people(crs: Any, pixel: float, *, turn: float = 0.0) -> tuple[np.ndarray, Affine]:
    """Uneven counts of people over the box and beyond, and where they lie."""
    left, bottom, right, top = transform_bounds("EPSG:4326", crs, *BOX, densify_pts=21)
    margin = 20 * pixel + (right - left) / 10
    shape = (int((top - bottom + 2 * margin) / pixel), int((right - left + 2 * margin) / pixel))
    i, j = np.mgrid[: shape[0], : shape[1]]
    values = 50 + 40 * np.sin(i / 7) * np.cos(j / 11) + (i * j) % 5
    place = Affine.translation(left - margin, top + margin) @ Affine.scale(pixel, -pixel)
    if turn:
        place = place @ Affine.rotation(turn)
    return values.astype(np.float32), place


def on_grid(values: np.ndarray, transform: Affine, crs: Any, area: StudyArea) -> float:
    """What lies on the grid of an area, pixel by pixel: in sixteen parts each."""
    towards = Transformer.from_crs(crs, area.crs, always_xy=True)
    back = ~area.transform

    def cells(c: np.ndarray, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x = transform.a * c + transform.b * r + transform.c
        y = transform.d * c + transform.e * r + transform.f
        east, north = towards.transform(x, y, errcheck=False)
        return back.a * east + back.c, back.e * north + back.f

    c, r = (part.ravel() for part in np.meshgrid(*(np.arange(n) + 0.5 for n in values.shape[::-1])))
    column, row = cells(c, r)
    size = 2 * max(np.abs(np.array(cells(c[:1] + 1, r[:1] + 1)) - [[column[0]], [row[0]]]).max(), 1)
    rows, columns = area.shape
    near = (column > -size) & (column < columns + size) & (row > -size) & (row < rows + size)
    c, r, own = c[near], r[near], values.ravel()[near].astype(np.float64)
    total = 0.0
    for a in (-0.375, -0.125, 0.125, 0.375):
        for b in (-0.375, -0.125, 0.125, 0.375):
            column, row = cells(c + a, r + b)
            there = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
            total += float(np.nansum(own[there])) / 16
    return total
