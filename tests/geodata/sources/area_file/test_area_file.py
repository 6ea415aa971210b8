"""The file of a study area: what it takes, and how it refuses the rest."""

import os
from pathlib import Path

import pytest

from geodata.errors import DataError, InputError
from geodata.sources.area_file import ROAD_CLASSES, default_roads, parse_area, read_area_file
from geodata.sources.area_file.road_rules import SURFACES

BOX = "bbox = [-90.0, 14.0, -88.0, 16.0]"


def area_text(area: str = BOX, *rest: str) -> str:
    return "\n".join(['[area]\nname = "here"', area, *rest])


def refused(text: str) -> DataError:
    with pytest.raises(DataError) as caught:
        parse_area(text)
    return caught.value


def test_one_file_gives_a_layer_for_each_of_its_roles():
    roles = '[[layer]]\nrole = ["roads", "coast"]\npath = "a.osm.pbf"'
    area = parse_area(area_text(BOX, roles), folder=Path("/data"))
    assert [layer.role for layer in area.layers] == ["roads", "coast"]
    assert {layer.path for layer in area.layers} == {(Path("/data/a.osm.pbf"),)}


def test_what_is_fetched_lies_beside_the_file(tmp_path):
    path = tmp_path / "area.toml"
    path.write_text(area_text(BOX, '[[layer]]\nrole = "elevation"\nprovider = "glo-30"'))
    (layer,) = read_area_file(path).layers
    assert layer.path == (tmp_path / "data" / "elevation",)
    with pytest.raises(DataError, match="run vereda fetch"):
        layer.files()
    layer.path[0].mkdir(parents=True)
    for name in ("b.tif", "a.tif", "c.tif.part", ".hidden", "a.tif.md5"):
        (layer.path[0] / name).touch()
    assert [file.name for file in layer.files()] == ["a.tif", "b.tif"]


@pytest.mark.parametrize("key", ['countries = [""]', 'iso = [""]', 'countries = ""'])
def test_a_text_of_nothing_is_no_code(key):
    assert "Give " in refused(area_text(f"{BOX}\n{key}")).remedy
    assert "Give letters" in refused(f'[area]\nname = ""\n{BOX}').remedy


@pytest.mark.parametrize("scheme", ["http", "postgresql"])
def test_an_address_that_cannot_be_taken_apart_is_named(scheme):
    text = f'[[layer]]\nrole = "lakes"\npath = "a.gpkg"\nurl = "{scheme}://me:word@[::1/a.gpkg"'
    error = refused(area_text(BOX, text))
    assert error.field == "layer[0].url" and "Give an address such as" in error.remedy
    assert "word" not in str(error)


def test_files_come_from_patterns_in_order_and_once(tmp_path):
    for name in ("b.tif", "a.tif"):
        (tmp_path / name).touch()
    text = '[[layer]]\nrole = "elevation"\npath = ["*.tif", "a.tif"]'
    (layer,) = parse_area(area_text(BOX, text), folder=tmp_path).layers
    assert [file.name for file in layer.files()] == ["a.tif", "b.tif"]


def test_a_pipe_is_waited_for_by_nobody_and_a_circle_of_links_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "a.osm.pbf")
    (tmp_path / "b.tif").symlink_to("b.tif")
    for name, words in (("a.osm.pbf", "device or a pipe"), ("b.tif", "no such file")):
        text = f'[[layer]]\nrole = "lakes"\npath = "{name}"'
        (layer,) = parse_area(area_text(BOX, text), folder=tmp_path).layers
        with pytest.raises(DataError, match=words):
            layer.files()


@pytest.mark.parametrize(
    ("text", "field", "remedy"),
    [
        ("[area]\nname='x'\nbox=[1,2,3,4]", "area.box", "Did you mean 'bbox'?"),
        (area_text(BOX, "[[layers]]"), "layers", "Did you mean 'layer'?"),
        (area_text(BOX, "[layer]"), "layer", "in two pairs of brackets"),
        (area_text(BOX, '[[layer]]\nrole="road"\npath="a"'), "layer[0].role", "'roads'"),
        (area_text(BOX, '[[layer]]\nrole="roads"'), "layer[0].path", "a path, a url"),
        (area_text(BOX, '[[layer]]\nrole="roads"\npaht="a"'), "layer[0].paht", "'path'"),
        (area_text(BOX, '[[layer]]\nrole="population"\npath="a"\nunit="people/km"'),
         "layer[0].unit", "people/km2"),
        (area_text(BOX, '[[layer]]\nrole="roads"\npath="a"\nsha256="12"'),
         "layer[0].sha256", "64 digits"),
        (area_text(f'{BOX}\niso="HN"'), "area", "exactly one way"),
        (area_text(""), "area", "exactly one way"),
        (area_text(f'{BOX}\ncountries=["Honduras"]'), "area.countries[0]", "XA (ISO 3166-1)"),
        (area_text(f'{BOX}\ncountries=["HN"]\nneighbours=["HN"]'), "area.neighbours", "not both"),
        (area_text(f"{BOX}\nfringe_km=2\nfringe_cells=3"), "area.fringe_km", "either"),
        (area_text(BOX, '[[layer]]\nrole=[]\npath="a"'), "layer.role", "at least one role"),
        (area_text(BOX, '[[layer]]\nrole=["lakes", "lakes"]\npath="a"'), "layer[1]",
         "layer[0] is the same"),
        (area_text(BOX, '[[layer]]\nrole="lakes"\npath=1'), "layer[0].path", "a text, or a list"),
        (area_text(BOX, "[roads.speed]"), "roads.speed", "'speeds'"),
        (area_text(BOX, "[roads.speeds.primary]\npaved={kmh=50.0}"),
         "roads.speeds.primary.paved.source", "missing"),
        (area_text(BOX, '[roads]\nseason="wett"'), "roads.season", "Did you mean 'wet'?"),
        (area_text(BOX, '[roads]\nnumber="("'), "roads.number", "regular expression"),
    ],
)  # fmt: skip
def test_each_wrong_key_is_named_with_what_is_right(text, field, remedy):
    error = refused(text)
    assert error.field == field
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("box", "remedy"),
    [
        ("[-88.0, 14.0, -90.0, 16.0]", "[-90, 14, -88, 16]"),
        ("[-90.0, 16.0, -88.0, 14.0]", "[-90, 14, -88, 16]"),
        ("[-88.0, 16.0, -90.0, 14.0]", "[-90, 14, -88, 16]"),
        ("[178.0, -15.0, -178.0, -20.0]", "[178, -20, 182, -15]"),
        ("[-180.0, -90.0, 180.0, 90.0]", "180 degrees or less"),
        ("[14.0, -92.0, 16.0, -91.0]", "[-92, 14, -91, 16]"),
        ("[177.0, -20.0, -178.0, -15.0]", "[177, -20, 182, -15]"),
        ("[500000.0, 1600000.0, 600000.0, 1700000.0]", "look like metres"),
        ("[-90.0, 14.0, -90.0, 16.0]", "no size"),
        ("[-90.0, 14.0, -88.0]", "four numbers"),
    ],
)
def test_a_box_that_is_none_is_refused_with_the_one_meant(box, remedy):
    error = refused(area_text(f"bbox = {box}"))
    assert error.field == "area.bbox"
    assert remedy in error.remedy


def test_a_box_may_lie_across_the_antimeridian():
    area = parse_area(area_text("bbox = [176.5, -21.0, 182.5, -12.0]")).area
    assert area.box == (176.5, -21.0, 182.5, -12.0)


def test_rules_of_roads_are_laid_over_those_that_ship():
    text = '[roads.speeds.primary]\npaved = { kmh = 90.0, source = "law" }'
    roads, shipped = parse_area(area_text(BOX, text)).roads, default_roads()
    assert roads.speed("primary", "paved") == 90.0
    assert roads.speed("primary", "unpaved") == shipped.speed("primary", "unpaved")
    for road_class in set(ROAD_CLASSES) - {"ferry"}:
        for surface in SURFACES:
            assert shipped.speed(road_class, surface) > 0


def test_a_season_slows_roads_and_closes_fords():
    wet = parse_area(area_text(BOX, '[roads]\nseason = "wet"')).roads
    dry = default_roads()
    assert wet.speed("track", "unpaved") < dry.speed("track", "unpaved")
    assert wet.speed("track", "paved") == dry.speed("track", "paved")
    assert (wet.fords.passable, dry.fords.passable) == (False, True)


def test_the_home_of_nobody_is_no_folder(tmp_path):
    text = '[[layer]]\nrole = "lakes"\npath = "~nobody-at-all/a.gpkg"'
    (layer,) = parse_area(area_text(BOX, text), folder=tmp_path).layers
    with pytest.raises(DataError, match="no such file"):
        layer.files()


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_area_file(tmp_path / "area.toml")
