"""Reading a bundle: whole, checked, and refused when a file is not what was listed."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from rasterio.transform import rowcol

from geodata.borderlands.region import borderlands
from geodata.errors import DataError
from geodata.sources.layers.bundle import Bundle
from geodata.sources.layers.schema import SCHEMAS, check, parse_columns


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the shipped bundle that a test may spoil."""
    directory = tmp_path / "bundle"
    shutil.copytree(borderlands().directory, directory, ignore=shutil.ignore_patterns("derive"))
    return directory


def test_a_bundle_fits_a_line_of_a_notebook() -> None:
    bundle = borderlands()
    assert repr(bundle) == f"<Bundle {bundle.directory.name}: {len(bundle.layers)} layers>"


def test_all_layers_are_read_in_time() -> None:
    bundle = borderlands()
    start = time.process_time()
    for name, source in bundle.layers.items():
        if source.file.endswith(".tif"):
            bundle.raster(name)
        else:
            bundle.frame(name)
    # It takes 0.5 s of a processor, however busy the machine is otherwise.
    assert time.process_time() - start < 3


def test_raster_has_values_and_place() -> None:
    raster = borderlands().raster("elevation")
    row, column = rowcol(raster.transform, -90.51, 14.64)
    assert 1300 < raster.values[row, column] < 1700
    assert raster.crs.to_epsg() == 4326


def test_attributions_name_every_layer() -> None:
    bundle = borderlands()
    listed = bundle.attributions()
    assert [entry["layer"] for entry in listed] == sorted(bundle.layers)
    osm = next(entry for entry in listed if entry["layer"] == "countries")
    assert osm["licence"] == "ODbL-1.0"
    assert "OpenStreetMap" in osm["attribution"]
    assert osm["sha256"] == bundle.source("countries").sha256


@pytest.mark.parametrize("name", ["countries", "crossings", "depth"])
def test_changed_file_is_refused(copied: Path, name: str) -> None:
    file = Bundle.open(copied).source(name).file
    with (copied / file).open("ab") as stream:
        stream.write(b"\n")
    bundle = Bundle.open(copied)
    with pytest.raises(DataError, match=file) as caught:
        bundle.raster(name) if file.endswith(".tif") else bundle.frame(name)
    assert caught.value.remedy.endswith("list it anew in SOURCES.toml.")


def test_bundled_region_says_how_its_own_files_are_restored(copied: Path) -> None:
    (copied / "layers/points/ports.csv").unlink()
    with pytest.raises(DataError, match=r"installing Vereda again.*derive --packages DIR"):
        Bundle.open(copied, remedy=borderlands().remedy).frame("ports")


def test_missing_file_is_refused(copied: Path) -> None:
    (copied / "layers/points/ports.csv").unlink()
    with pytest.raises(DataError, match=r"ports\.csv: 'missing'"):
        Bundle.open(copied).frame("ports")


def test_missing_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"SOURCES\.toml"):
        Bundle.open(tmp_path)


def test_incomplete_entry_is_refused(tmp_path: Path) -> None:
    (tmp_path / "SOURCES.toml").write_text('[[layer]]\nname = "ports"\n')
    with pytest.raises(DataError, match="layer ports: 'file'"):
        Bundle.open(tmp_path)


def test_broken_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "SOURCES.toml").write_text("[[layer]\n")
    with pytest.raises(DataError, match="Not a list of layers"):
        Bundle.open(tmp_path)


def test_unknown_layer_names_those_there_are() -> None:
    with pytest.raises(DataError, match="countries"):
        borderlands().frame("nosuch")


def test_table_is_not_a_raster_nor_the_reverse() -> None:
    with pytest.raises(DataError, match="frame"):
        borderlands().raster("ports")
    with pytest.raises(DataError, match="Not a table"):
        borderlands().frame("depth")


def test_missing_licence_text_is_refused(copied: Path) -> None:
    (copied / "licences" / "ODbL-1.0.txt").unlink()
    with pytest.raises(DataError, match="ODbL"):
        Bundle.open(copied).licence_text("countries")


def test_missing_column_is_named() -> None:
    frame = borderlands().frame("ports").drop(columns="size")
    with pytest.raises(DataError, match="layer ports: 'size'"):
        check(frame, SCHEMAS["ports"], "ports")


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [("x", np.inf, "infinite"), ("x", np.nan, "missing"), ("name", None, "missing")],
)
def test_bad_value_is_named(column: str, value: float | None, fault: str) -> None:
    frame = borderlands().frame("ports")
    frame[column] = frame[column].where(frame.index != 2, value)
    with pytest.raises(DataError, match=f"column {column}.*{fault}"):
        check(frame, SCHEMAS["ports"], "ports")


def test_wrong_geometry_is_named() -> None:
    frame = borderlands().frame("places")
    assert isinstance(frame, gpd.GeoDataFrame)
    square = shapely.box(-90, 14, -89, 15)
    frame = frame.set_geometry(gpd.GeoSeries([square] * len(frame), crs=frame.crs))
    with pytest.raises(DataError, match="geometry"):
        check(frame, SCHEMAS["places"], "places")


@pytest.mark.parametrize(
    ("kind", "text", "remedy"),
    [
        ("bool", "maybe", "true or false"),
        ("int", "", "number"),
        ("int", "2.5", "whole"),
        ("year", "circa", "number"),
        ("float", "", "number"),
    ],
)
def test_text_of_the_wrong_type_is_refused(kind: str, text: str, remedy: str) -> None:
    one = "true" if kind == "bool" else "1"
    with pytest.raises(DataError, match=remedy):
        parse_columns(pd.DataFrame({"c": [one, text]}), {"c": kind}, "t")


def test_blank_years_and_optional_numbers_are_missing() -> None:
    table = pd.DataFrame({"year": ["2019", ""], "km": ["", "1.5"]})
    result = parse_columns(table, {"year": "year", "km": "float?"}, "t")
    assert result["year"].isna().tolist() == [False, True]
    assert result["km"].isna().tolist() == [True, False]
    check(result, {"year": "year", "km": "float?"}, "t")
