"""People of points on the grid: the population grid of Reykjavik that GOSTnets brings."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.errors import DataError
from geodata.sources.study import Study

pytestmark = pytest.mark.studies

GRID = "docs/tutorials/tutorial_data/rek_grid_pop"
AREA = """\
[area]
name = "reykjavik"
bbox = {box}
countries = ["IS"]
[[layer]]
role = "population"
path = "{file}"
{more}
"""


@pytest.fixture(scope="module")
def folder(packaged, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("reykjavik")
    for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
        place = packaged("gostnets", f"{GRID}{suffix}")
        shutil.copy(place, folder / f"grid{suffix}")
    return folder


def study(folder: Path, *, file: str = "grid.shp", box: str = "[-23.5, 63.5, -20.5, 65.0]",
          more: str = "nodata = -2147483646") -> Study:  # fmt: skip
    path = folder / "area.toml"
    path.write_text(AREA.format(box=box, file=file, more=more))
    return Study.open(path)


def test_everybody_of_the_file_is_on_the_grid(folder) -> None:
    opened = study(folder)
    people = opened.surface("population", opened.area)
    grid = gpd.read_file(folder / "grid.shp")
    counted = grid["Pop"][grid["Pop"] >= 0]
    assert np.nansum(people, dtype=float) == counted.sum() == 42_657
    assert 0 < np.isfinite(people).mean() < 0.5
    assert "42,657 people in 712 rows" in opened.remarks[0]


def test_a_number_that_stands_for_none_has_to_be_named(folder) -> None:
    opened = study(folder, more="")
    with pytest.raises(DataError, match=r"feature 55, population.*the layer's nodata"):
        opened.surface("population", opened.area)


def test_a_grid_of_another_place_is_refused(folder) -> None:
    opened = study(folder, box="[-88.0, 14.0, -87.0, 15.0]")
    with pytest.raises(DataError, match="nothing in the area"):
        opened.surface("population", opened.area)


def test_areas_count_as_points_inside_them(tmp_path) -> None:
    shapes = [shapely.box(0.1, 0.1, 0.2, 0.2), shapely.box(0.5, 0.5, 0.6, 0.6)]
    frame = gpd.GeoDataFrame({"population": [10.5, 7]}, geometry=shapes, crs=4326)
    frame.to_file(tmp_path / "census.gpkg")
    opened = study(tmp_path, file="census.gpkg", box="[0.0, 0.0, 1.0, 1.0]", more="")
    people = opened.surface("population", opened.area)
    assert np.nansum(people) == 17.5 and np.isfinite(people).sum() == 2
    row, column = opened.area.cell_of([0.15, 0.55], [0.15, 0.55])
    assert people[row, column].tolist() == [10.5, 7.0]
