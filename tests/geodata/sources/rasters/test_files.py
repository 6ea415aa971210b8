"""Rasters that cannot be meant, and those that name other files: refused with the remedy."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
from affine import Affine

from geodata.errors import DataError
from geodata.sources.rasters import read_surface
from tests.geodata.sources.rasters.made import area, layer, people, write

NORTH = Affine(0.01, 0, -90, 0, -0.01, 16)
ONES = np.ones((300, 300), np.float32)


def refusal(*paths, role="elevation", **options) -> str:
    with pytest.raises(DataError) as caught:
        read_surface([layer(role, *paths, **options)], area())
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_without_a_crs_it_is_refused_and_the_layer_can_give_one(tmp_path):
    path = write(tmp_path / "dem.tif", ONES, NORTH, None)
    assert "file dem.tif, crs: None. It does not say" in refusal(path)
    assert 'give crs = "EPSG:..."' in refusal(path)
    grid = read_surface([layer("elevation", path, crs="EPSG:4326")], area())
    assert np.isfinite(grid).all()


def test_a_crs_that_contradicts_the_file_is_refused(tmp_path):
    path = write(tmp_path / "dem.tif", ONES, NORTH, "EPSG:4326")
    message = refusal(path, crs="EPSG:32616")
    assert "layer elevation, crs: 'EPSG:32616'. The file " in message and " says WGS 84" in message
    read_surface([layer("elevation", path, crs="EPSG:4326")], area())
    assert "Give a code" in refusal(path, crs="EPSG:nowhere")


def test_metres_labelled_degrees_and_degrees_labelled_metres(tmp_path):
    metres = write(
        tmp_path / "m.tif", ONES, Affine(1000, 0, 300000, 0, -1000, 1700000), "EPSG:4326"
    )
    assert "which is in degrees, and these are none" in refusal(metres)
    degrees = write(tmp_path / "d.tif", ONES, NORTH, "EPSG:32616")
    assert "these look like degrees" in refusal(degrees)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_without_a_place_it_is_refused(tmp_path):
    path = write(tmp_path / "dem.tif", ONES, Affine.identity(), "EPSG:4326")
    assert "does not say where it lies" in refusal(path)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("place", ["0,0,0,1,0,0", "0,nan,0,1,0,-0.1", "0,0.1,0.1,1,0.1,0.1"])
def test_pixels_without_a_size_lie_nowhere(tmp_path, place):
    path = tmp_path / "a.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="10" rasterYSize="10"><SRS>EPSG:4326</SRS>'
        f"<GeoTransform>{place}</GeoTransform>"
        '<VRTRasterBand dataType="Float32" band="1"/></VRTDataset>'
    )
    assert "a.vrt, transform: " in refusal(path) and "no size" in refusal(path)


def test_ground_that_takes_no_time_is_none(tmp_path):
    path = write(tmp_path / "f.tif", 0 * ONES, NORTH, "EPSG:4326")
    assert "Values of friction lie between" in refusal(path, role="friction")


def test_elsewhere(tmp_path):
    path = write(tmp_path / "dem.tif", ONES, Affine(0.01, 0, 20, 0, -0.01, 16), "EPSG:4326")
    message = refusal(path)
    assert "20.00 to 23.00, 13.00 to 16.00" in message and "covers nothing of the area" in message


def test_negative_people_and_values_for_none(tmp_path):
    values = ONES.copy()
    values[150, 150] = -200
    path = write(tmp_path / "people.tif", values, NORTH, "EPSG:4326")
    message = refusal(path, role="population")
    assert "file people.tif, row 150, column 150: -200.0" in message
    assert "give nodata = -200" in message
    read_surface([layer("population", path, nodata=-200)], area())
    values[0, 0] = values[150, 150] = np.nan
    path = write(tmp_path / "nan.tif", values, NORTH, "EPSG:4326")
    assert np.isfinite(read_surface([layer("population", path)], area())).all()


@pytest.mark.parametrize(("scale", "offset"), [(0.0, -9999.0), (np.nan, 0.0), (1.0, np.inf)])
def test_a_scale_that_makes_no_values_is_refused(tmp_path, scale, offset):
    path = write(tmp_path / "dem.tif", ONES, NORTH, "EPSG:4326", scale=scale, offset=offset)
    assert f"dem.tif, scale and offset: '{scale:g}, {offset:g}'. " in refusal(path)


def test_a_band_that_is_not_there(tmp_path):
    path = write(tmp_path / "dem.tif", ONES, NORTH, "EPSG:4326")
    assert "band: 3. It has 1: give one of 1 to 1" in refusal(path, band=3)


@pytest.mark.parametrize(
    ("name", "content", "remedy"),
    [
        ("a.tif", b"", "The file is empty"),
        ("a.tif", b"<!DOCTYPE html><html></html>", "It cannot be read as GTiff"),
        ("a.tif", b"<GDAL_WMS><Service/></GDAL_WMS>", "It cannot be read as GTiff"),
        ("a.zip", b"PK\3\4", "Unzip it"),
        ("a.nc", b"CDF\1", "Save it as GeoTIFF"),
        ("a.vrt", b"<?xml version='1.0' encoding='shift_jis'?><VRTDataset/>", "no virtual raster"),
        ("a.vrt", b"<!DOCTYPE a []><VRTDataset/>", "Only a plain mosaic"),
        ("a.vrt", b"<OGRVRTDataSource/>", "It is no virtual raster"),
    ],
)
def test_what_is_no_raster(tmp_path, name, content, remedy):
    (tmp_path / name).write_bytes(content)
    assert remedy in refusal(tmp_path / name)


def test_a_raster_that_is_cut_off(tmp_path):
    rng = np.random.default_rng(0)
    path = write(
        tmp_path / "dem.tif", rng.normal(100, 5, (300, 300)).astype(np.float32), NORTH, "EPSG:4326"
    )
    path.write_bytes(path.read_bytes()[:200_000])
    assert "cut off or damaged" in refusal(path) or "cannot be read" in refusal(path)


def test_a_virtual_raster_of_tiles_beside_it(tmp_path):
    values, place = people("EPSG:4326", 0.01)
    tiles = tmp_path / "tiles"
    tiles.mkdir()
    half = values.shape[1] // 2
    write(tiles / "a.tif", values[:, :half].copy(), place, "EPSG:4326")
    write(
        tiles / "b.tif", values[:, half:].copy(), place @ Affine.translation(half, 0), "EPSG:4326"
    )
    subprocess.run(
        ["gdalbuildvrt", "-q", "mosaic.vrt", "tiles/a.tif", "tiles/b.tif"], cwd=tmp_path, check=True
    )
    single = write(tmp_path / "whole.tif", values, place, "EPSG:4326")
    grids = [
        read_surface([layer("population", path)], area())
        for path in (tmp_path / "mosaic.vrt", single)
    ]
    np.testing.assert_allclose(grids[0], grids[1], rtol=1e-6)


_VRT = """<VRTDataset rasterXSize="300" rasterYSize="300"><SRS>EPSG:4326</SRS>
<GeoTransform>-90, 0.01, 0, 16, 0, -0.01</GeoTransform>
<VRTRasterBand dataType="Float32" band="1"{band}>{inside}</VRTRasterBand></VRTDataset>"""
_SOURCE = (
    '<SimpleSource><SourceFilename relativeToVRT="{relative}">{name}</SourceFilename>'
    "<SourceBand>1</SourceBand></SimpleSource>"
)


@pytest.mark.parametrize(
    ("name", "relative"),
    [
        ("/vsicurl/http://127.0.0.1:9/a.tif", 0),
        ("http://127.0.0.1:9/a.tif", 0),
        ("/vsizip/a.zip/a.tif", 1),
        ("../outside.tif", 1),
        ("{outside}", 0),
        ("link.tif", 1),
        ("service.tif", 1),
        ("missing.tif", 1),
    ],
)
def test_a_virtual_raster_opens_nothing_elsewhere(tmp_path, name, relative):
    inner = tmp_path / "inner"
    inner.mkdir()
    outside = write(tmp_path / "outside.tif", ONES, NORTH, "EPSG:4326")
    (inner / "link.tif").symlink_to(outside)
    (inner / "service.tif").write_text("<GDAL_WMS><Service name='TMS'/></GDAL_WMS>")
    source = _SOURCE.format(relative=relative, name=name.format(outside=outside))
    (inner / "a.vrt").write_text(_VRT.format(band="", inside=source))
    message = refusal(inner / "a.vrt")
    assert "file a.vrt, SourceFilename" in message


@pytest.mark.parametrize(
    ("band", "inside"),
    [
        (
            ' subClass="VRTDerivedRasterBand"',
            "<PixelFunctionLanguage>Python</PixelFunctionLanguage>",
        ),
        (' subClass="VRTRawRasterBand"', '<SourceFilename relativeToVRT="1">a</SourceFilename>'),
        ("", '<Overview><SourceFilename relativeToVRT="0">/vsicurl/a</SourceFilename></Overview>'),
        ("", '<Metadata domain="RPC"><MDI key="RPC_DEM">/vsicurl/a</MDI></Metadata>'),
        ("", "<SimpleSource><OpenOptions><OOI key='A'>b</OOI></OpenOptions></SimpleSource>"),
    ],
)
def test_a_virtual_raster_is_a_plain_mosaic(tmp_path, band, inside):
    (tmp_path / "a.vrt").write_text(_VRT.format(band=band, inside=inside))
    assert "Only a plain mosaic" in refusal(tmp_path / "a.vrt")


def test_a_raster_whose_overviews_are_another_file(tmp_path):
    path = write(tmp_path / "dem.tif", ONES, NORTH, "EPSG:4326")
    (tmp_path / "dem.tif.aux.xml").write_text(
        '<PAMDataset><Metadata domain="OVERVIEWS">'
        '<MDI key="OVERVIEW_FILE">/vsicurl/http://127.0.0.1:9/a.tif</MDI></Metadata></PAMDataset>'
    )
    assert "It names another file" in refusal(path)
