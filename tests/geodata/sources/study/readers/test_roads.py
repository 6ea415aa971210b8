"""Roads of a study by the reader of their format."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from geodata.errors import DataError
from geodata.sources.study import Study
from tests.support.worlds.made_study import write_area, write_layers
from tests.support.worlds.osm_files import node, road, write_osm


def write_roads(folder, name, *lines):
    frame = gpd.GeoDataFrame(
        {"highway": ["primary"] * len(lines)},
        geometry=[shapely.LineString(line) for line in lines],
        crs=4326,
    )
    frame.to_file(folder / name)


def test_vector_files_of_several_layers_are_one_network(tmp_path):
    write_layers(tmp_path)
    write_roads(tmp_path, "west.gpkg", [(0.3, 0.3), (0.5, 0.4)])
    write_roads(tmp_path, "east.fgb", [(0.5, 0.4), (0.7, 0.4)])
    both = 'path = ["west.gpkg", "east.fgb"]'
    study = Study.open(write_area(tmp_path, "admin", "places", layers={"roads": both}))
    roads = study.roads()
    assert roads is not None
    (link,) = roads.links.to_dict("records")
    assert link["class"] == "primary"
    ends = roads.nodes.loc[[link["u"], link["v"]], ["x", "y"]].to_numpy().tolist()
    assert sorted(ends) == [[0.3, 0.3], [0.7, 0.4]]


def test_extracts_and_other_files_do_not_mix(tmp_path):
    write_layers(tmp_path)
    write_roads(tmp_path, "roads.gpkg", [(0.3, 0.3), (0.5, 0.4)])
    (tmp_path / "a.osm.pbf").write_bytes(b"")
    text = write_area(tmp_path, "admin", layers={"roads": 'path = "roads.gpkg"'}).read_text()
    (tmp_path / "area.toml").write_text(text + '[[layer]]\nrole = "roads"\npath = "a.osm.pbf"\n')
    with pytest.raises(DataError, match=r"roads\.gpkg.*share no nodes"):
        Study.open(tmp_path / "area.toml").roads()


@pytest.mark.parametrize("name", ["osm", "osm.bz2", ".osm.pbf"])
def test_an_extract_whose_name_does_not_say_so_has_a_format(tmp_path, name):
    write_layers(tmp_path)
    objects = node(1, 0.3, 0.3), node(2, 0.4, 0.3), road(1, [1, 2])
    write_osm(tmp_path / f"a.{name.lstrip('.')}", *objects).rename(tmp_path / "map.xml")
    layer = f'path = "map.xml"\nformat = "{name}"'
    roads = Study.open(write_area(tmp_path, "admin", layers={"roads": layer})).roads()
    assert roads is not None and len(roads.links) == 1


@pytest.mark.parametrize("name", ["a.osm.pbf", "a.graphml"])
def test_columns_of_what_has_tags_are_refused(tmp_path, name):
    write_layers(tmp_path)
    (tmp_path / "a.graphml").write_text("<graphml/>")
    write_osm(tmp_path / "a.osm.pbf", node(1, 0.3, 0.3), node(2, 0.4, 0.3), road(1, [1, 2]))
    layer = f'path = "{name}"\nrename = {{ class = "fclass" }}'
    study = Study.open(write_area(tmp_path, "admin", layers={"roads": layer}))
    with pytest.raises(DataError, match=r'roads, rename: \'class = "fclass"\'.*take rename out'):
        study.roads()


def test_columns_of_layers_of_an_extract_are_refused(tmp_path):
    write_layers(tmp_path)
    write_osm(tmp_path / "a.osm.pbf", node(1, 0.3, 0.3, place="town", name="Omoa"))
    layer = 'path = "a.osm.pbf"\nrename = { name = "nombre" }'
    study = Study.open(write_area(tmp_path, "coast", "admin", layers={"places": layer}))
    with pytest.raises(DataError, match=r"places, rename.*take rename out"):
        study.frame("places")
