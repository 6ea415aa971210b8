"""Surfaces on the grid: what is counted stays, wherever and however a raster lies."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.enums import Resampling

from geodata.errors import DataError
from geodata.sources.rasters import read_surface, survey_layers
from tests.geodata.sources.rasters.made import BOX, area, layer, on_grid, people, write

NORTH = Affine(0.01, 0, -90, 0, -0.01, 16)


@pytest.mark.parametrize(
    ("crs", "pixel", "turn"),
    [
        ("EPSG:4326", 0.01, 0.0),
        ("EPSG:4326", 0.05, 0.0),
        ("EPSG:32616", 400.0, 0.0),
        ("ESRI:54009", 1000.0, 0.0),
        ("ESRI:54030", 900.0, 0.0),
        ("EPSG:3857", 1500.0, 3.0),
        ("EPSG:4267", 0.02, 0.0),
    ],
    ids=["degrees", "coarse", "utm", "mollweide", "robinson", "turned", "nad27"],
)
def test_all_people_on_the_grid_are_counted_once(tmp_path, crs, pixel, turn):
    values, place = people(crs, pixel, turn=turn)
    path = write(tmp_path / "people.tif", values, place, crs)
    grid = read_surface([layer("population", path)], area())
    there = on_grid(values, place, crs, area())
    assert np.nansum(grid, dtype=np.float64) == pytest.approx(there, rel=0.005)
    # Each quarter has its own, so that nothing is turned or moved.
    rows, columns = (size // 2 for size in area().shape)
    sums = [np.nansum(grid[:rows]), np.nansum(grid[:, :columns])]
    assert all(0.4 < part / there < 0.6 for part in sums)


def test_a_raster_that_begins_in_the_south_lies_as_one_that_begins_in_the_north(tmp_path):
    values, place = people("EPSG:4326", 0.01)
    north = write(tmp_path / "north.tif", values, place, "EPSG:4326")
    turned = place @ Affine.translation(0, values.shape[0]) @ Affine.scale(1, -1)
    south = write(tmp_path / "south.tif", values[::-1].copy(), turned, "EPSG:4326")
    grids = [read_surface([layer("population", path)], area()) for path in (north, south)]
    # A pixel whose middle lies on the edge of two cells may fall to either.
    assert np.mean(np.abs(grids[0] - grids[1]) < 1e-3) > 0.995
    assert grids[0].sum() == pytest.approx(grids[1].sum(), rel=1e-5)


def test_scaled_integers_and_nodata_of_eight_bits(tmp_path):
    values = np.full((300, 300), 100, np.int8)
    values[:150] = -128
    path = write(
        tmp_path / "dem.tif", values, NORTH, "EPSG:4326", nodata=-128, scale=0.5, offset=300.0
    )
    grid = read_surface([layer("elevation", path)], area())
    known = grid[np.isfinite(grid)]
    assert 0.3 < np.isfinite(grid).mean() < 0.8
    np.testing.assert_allclose(known, 350.0)


def test_nodata_that_a_file_does_not_declare_can_be_given(tmp_path):
    values = np.full((300, 300), 250.0, np.float32)
    values[:, :150] = -3.4028234663852886e38
    path = write(tmp_path / "dem.tif", values, NORTH, "EPSG:4326")
    with pytest.raises(
        DataError, match=r"row \d+, column \d+: -3\.4.*give nodata = -3\.40282e\+38"
    ):
        read_surface([layer("elevation", path)], area())
    declared = layer("elevation", path, nodata=-3.4028234663852886e38)
    grid = read_surface([declared], area())
    assert set(np.unique(grid[np.isfinite(grid)])) == {250.0}
    assert np.isnan(grid).any()


def test_a_unit_is_brought_to_the_one_of_the_role(tmp_path):
    feet = write(tmp_path / "ft.tif", np.full((300, 300), 1000, np.int16), NORTH, "EPSG:4326")
    grid = read_surface([layer("elevation", feet, unit="ft")], area())
    np.testing.assert_allclose(grid, 304.8, rtol=1e-6)
    dense = write(tmp_path / "dense.tif", np.full((300, 300), 2.0), NORTH, "EPSG:4326")
    grid = read_surface([layer("population", dense, unit="people/ha")], area())
    assert np.nanmedian(grid) == pytest.approx(2.0 * 400, rel=0.02)
    total = np.nansum(grid)
    assert total == pytest.approx(2.0 * 400 * np.isfinite(grid).sum(), rel=0.01)


def test_means_of_fine_pixels_and_values_between_coarse_ones(tmp_path):
    _i, j = np.mgrid[:300, :300]
    fine = write(tmp_path / "fine.tif", (j * 10.0).astype(np.float32), NORTH, "EPSG:4326")
    coarse_place = Affine(0.1, 0, -90, 0, -0.1, 16)
    coarse = write(
        tmp_path / "coarse.tif", (np.mgrid[:30, :30][1] * 100.0 + 45).astype(np.float32),
        coarse_place, "EPSG:4326",
    )  # fmt: skip
    grids = [read_surface([layer("elevation", path)], area()) for path in (fine, coarse)]
    x, _ = area().centres()
    truth = (x + 90) * 1000 - 5
    np.testing.assert_allclose(grids[0], truth, atol=8)
    np.testing.assert_allclose(grids[1], truth, atol=8)


def test_the_class_that_most_of_a_cell_has(tmp_path):
    values = np.full((1200, 1200), 10, np.uint8)
    values[:, ::3] = 20
    values[:600] = 255
    place = Affine(0.0025, 0, -90, 0, -0.0025, 16)
    path = write(tmp_path / "cover.tif", values, place, "EPSG:4326", nodata=255)
    table = {"10": "1", "20": "12"}
    grid = read_surface([layer("landcover", path, classes=table)], area())
    _, y = area().centres()
    assert set(np.unique(grid[y < 14.48])) == {1.0}
    assert np.isnan(grid[y > 14.52]).all()
    with pytest.raises(DataError, match=r"classes: 10\.0\. .*add 10 = "):
        read_surface([layer("landcover", path, classes={"20": "12"})], area())
    none = read_surface([layer("landcover", path, classes={"10": "", "20": "12"})], area())
    assert set(np.unique(none[np.isfinite(none)])) == {12.0}


def test_heights_are_no_classes(tmp_path):
    values = np.random.default_rng(1).normal(size=(300, 300)).astype(np.float32)
    path = write(tmp_path / "dem.tif", values, NORTH, "EPSG:4326")
    with pytest.raises(DataError, match="whole numbers of classes"):
        read_surface([layer("landcover", path)], area())


def test_tiles_of_unlike_shape_make_one_surface(tmp_path):
    for name, west, width in (("a.tif", -90.0, 150), ("b.tif", -88.5, 75)):
        size = 1.5 / width
        j = np.mgrid[:300, :width][1]
        values = (west + 90 + (j + 0.5) * size).astype(np.float32)
        write(tmp_path / name, values, Affine(size, 0, west, 0, -0.01, 16), "EPSG:4326")
    (tmp_path / "notes.txt").write_text("tiles")
    grid = read_surface([layer("lights", tmp_path)], area())
    x, _ = area().centres()
    np.testing.assert_allclose(grid, x + 90, atol=0.01)


def test_the_finest_layer_counts_and_coarser_ones_fill(tmp_path):
    half = write(tmp_path / "fine.tif", np.full((300, 150), 7.0), NORTH, "EPSG:4326")
    coarse = write(
        tmp_path / "coarse.tif", np.full((30, 30), 3.0), Affine(0.1, 0, -90, 0, -0.1, 16),
        "EPSG:4326",
    )  # fmt: skip
    grid = read_surface([layer("lights", coarse), layer("lights", half)], area())
    x, _ = area().centres()
    assert set(np.unique(grid[x < -88.52])) == {7.0}
    assert set(np.unique(grid[x > -88.48])) == {3.0}


def test_a_missing_copernicus_tile_is_sea(tmp_path):
    tile = tmp_path / "Copernicus_DSM_COG_30_N14_00_W089_00_DEM.tif"
    write(tile, np.full((120, 120), 50.0), Affine(1 / 120, 0, -89, 0, -1 / 120, 15), "EPSG:4326")
    heard: list[str] = []
    layers = [layer("elevation", tmp_path)]
    grid = read_surface(layers, area(), notice=heard.append)
    x, y = area().centres()
    inner = (x > -88.97) & (x < -88.03) & (y > 14.03) & (y < 14.97)
    assert set(np.unique(grid[inner])) == {50.0}
    assert set(np.unique(grid[(x > -87.98) | (y > 15.02)])) == {0.0}
    assert heard == ["elevation: 3 squares of one degree have no Copernicus tile and count as sea"]
    (known,) = survey_layers(layers, area())
    assert (known.missing_tiles, round(known.share, 3)) == (3, 1.0)


def test_across_the_antimeridian(tmp_path):
    fiji = area((177.0, -19.0, 182.0, -16.0), 5000.0)
    i, j = np.mgrid[:720, :1440]
    values = np.hypot(90 - (i + 0.5) / 4 + 17.5, (j + 0.5) / 4 % 360).astype(np.float32)
    for west in (-180, 0):
        turned = np.roll(values, 0 if west else 720, axis=1)
        path = write(
            tmp_path / f"earth{west}.tif", turned, Affine(0.25, 0, west, 0, -0.25, 90), "EPSG:4326"
        )
        grid = read_surface([layer("friction", path)], fiji)
        assert np.isfinite(grid).all()
        counted = read_surface([layer("population", path)], fiji)
        there = on_grid(turned, Affine(0.25, 0, west, 0, -0.25, 90), "EPSG:4326", fiji)
        assert np.nansum(counted) == pytest.approx(there, rel=0.02)


def test_what_a_surface_leaves_out_is_told(tmp_path):
    path = write(tmp_path / "west.tif", np.full((300, 150), 1.0), NORTH, "EPSG:4326")
    heard: list[str] = []
    read_surface([layer("lights", path)], area(), notice=heard.append)
    assert heard == ["lights: covers 33.7% of the area; the rest is unknown"]
    (known,) = survey_layers([layer("lights", path)], area())
    assert known.share == pytest.approx(0.333, abs=0.01)
    assert known.pixel_m == pytest.approx(1090, rel=0.02)


def test_the_same_people_are_not_counted_twice(tmp_path):
    values, place = people("EPSG:4326", 0.01)
    path = write(tmp_path / "a.tif", values, place, "EPSG:4326")
    again = write(tmp_path / "b.tif", values, place, "EPSG:4326")
    with pytest.raises(DataError, match=r"file b\.tif: 'overlap'.*both this and file a\.tif"):
        read_surface([layer("population", path, again)], area())


def test_what_two_neighbours_count_together_is_not_counted_by_a_third(tmp_path):
    values, place = people("EPSG:4326", 0.01)
    paths = []
    # Every other row: neither of the two counts most of any cell.
    for name, own in (("odd", np.s_[1::2]), ("even", np.s_[::2]), ("earth", np.s_[:])):
        one = np.full_like(values, np.nan)
        one[own] = values[own]
        paths.append(write(tmp_path / f"{name}.tif", one, place, "EPSG:4326", nodata=np.nan))
    with pytest.raises(DataError, match=r"file earth\.tif: 'overlap'.*and file (odd|even)\.tif"):
        read_surface([layer("population", *paths)], area())


def test_countries_that_share_a_border_are_added(tmp_path):
    values, place = people("EPSG:4326", 0.01)
    paths = []
    for name, own in (("west", np.s_[:, :100]), ("east", np.s_[:, 100:])):
        one = np.full_like(values, np.nan)
        one[own] = values[own]
        paths.append(write(tmp_path / f"{name}.tif", one, place, "EPSG:4326", nodata=np.nan))
    both = write(tmp_path / "both.tif", values, place, "EPSG:4326")
    apart = [layer("population", path) for path in paths]
    np.testing.assert_allclose(
        read_surface(apart, area()), read_surface([layer("population", both)], area()), rtol=1e-5
    )


def test_a_large_raster_is_read_by_window(tmp_path):
    path = tmp_path / "large.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=40_000, width=40_000, count=1, dtype="float32",
        crs="EPSG:4326", transform=Affine(0.001, 0, -110, 0, -0.001, 30), tiled=True,
        blockxsize=512, blockysize=512, compress="deflate", sparse_ok=True,
    ):  # fmt: skip
        pass
    read_surface([layer("lights", path)], area((-89.0, 14.0, -88.9, 14.1)))
    tracemalloc.start()
    grid = read_surface([layer("lights", path)], area())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert np.isfinite(grid).all()
    assert peak < 150e6 < 40_000**2 * 4


def test_ways_that_are_none():
    with pytest.raises(DataError, match="Give a raster"):
        read_surface([], area())


def test_how_can_be_chosen(tmp_path):
    path = write(tmp_path / "p.tif", np.full((300, 300), 4.0), NORTH, "EPSG:4326")
    grid = read_surface([layer("population", path)], area(BOX), how=Resampling.average)
    np.testing.assert_allclose(grid, 4.0)
