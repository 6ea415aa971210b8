"""Roads of vector files: where lines meet, where they only cross, and what columns say."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.area.box import Box
from geodata.area.geodesy import length
from geodata.area.study_area import StudyArea
from geodata.errors import DataError
from geodata.sources.area_file import Layer, default_roads
from geodata.sources.vectors import vector_roads
from tests.support.worlds.packages import packaged

BOX = Box(-89.0, 14.0, -87.5, 15.2)
AREA = StudyArea(name="test", bbox=BOX, countries=(), neighbours=(), cell_m=2000.0)
RULES = default_roads()


def write(path, lines, **columns):
    columns = {"highway": ["primary"] * len(lines), **columns}
    frame = gpd.GeoDataFrame(
        columns, geometry=[shapely.LineString(line) for line in lines], crs=4326
    )
    frame.to_file(path, driver="GPKG")
    return path


def read(path, *, merged=False, rules=RULES, area=AREA, **options):
    layer = Layer(role="roads", path=str(path), **options)
    return vector_roads([layer], area, rules=rules, merged=merged)


def ends(roads) -> set[frozenset[tuple[float, float]]]:
    """Both ends of each link, rounded."""
    xy = roads.nodes[["x", "y"]].round(4).to_numpy()
    return {
        frozenset((tuple(xy[u].tolist()), tuple(xy[v].tolist())))
        for u, v in zip(roads.links["u"], roads.links["v"], strict=True)
    }


def test_lines_meet_at_ends_at_shared_vertices_and_where_one_ends_on_another(tmp_path):
    a, b, c, t = (-88.9, 14.5), (-88.1, 14.5), (-88.3, 14.5), (-88.5, 14.5)
    path = write(
        tmp_path / "a.gpkg",
        [
            [a, c, b],
            [t, (-88.5, 14.7)],
            [(-88.7, 14.4), (-88.7, 14.6)],
            [(-88.3, 14.4), c, (-88.3, 14.6)],
            [(-88.1 + 4e-6, 14.5), (-88.0, 14.5)],
        ],
    )
    assert ends(read(path)) == {
        frozenset(pair)
        for pair in [
            (a, t), (t, c), (c, b), (t, (-88.5, 14.7)), ((-88.7, 14.4), (-88.7, 14.6)),
            ((-88.3, 14.4), c), (c, (-88.3, 14.6)), (b, (-88.0, 14.5)),
        ]
    }  # fmt: skip


def test_what_is_on_another_level_meets_at_its_ends_only(tmp_path):
    middle = (-88.5, 14.5)
    lines = [
        [(-88.9, 14.5), middle, (-88.1, 14.5)],
        [(-88.5, 14.4), middle, (-88.5, 14.6)],
        [(-88.5, 14.6), (-88.5, 14.8)],
    ]
    over = {frozenset(((-88.9, 14.5), (-88.1, 14.5))), frozenset(((-88.5, 14.4), (-88.5, 14.6)))}
    for column, values in (("bridge", ["no", "yes", "no"]), ("layer", [0, 1, 0])):
        roads = read(write(tmp_path / f"{column}.gpkg", lines, **{column: values}))
        assert over <= ends(roads)
        assert len(roads.links) == 3
    assert len(read(write(tmp_path / "flat.gpkg", lines)).links) == 5


def test_what_ends_below_a_bridge_does_not_end_on_it(tmp_path):
    """Two roads end at each other below a vertex of it, one below a span; a ramp ends on it."""
    middle, span = (-88.5, 14.5), (-88.3, 14.5)
    lines = [
        [(-88.9, 14.5), middle, (-88.1, 14.5)],
        [(-88.5, 14.4), middle], [middle, (-88.5, 14.6)], [span, (-88.3, 14.6)],
        [(-88.7, 14.5), (-88.7, 14.6)],
    ]  # fmt: skip
    roads = read(write(tmp_path / "a.gpkg", lines, layer=[1, 0, 0, 0, 1]))
    assert ends(roads) == {
        frozenset(pair)
        for pair in [
            ((-88.9, 14.5), (-88.7, 14.5)), ((-88.7, 14.5), (-88.1, 14.5)),
            *((line[0], line[-1]) for line in lines[1:]),
        ]
    }  # fmt: skip
    assert roads.report.pieces == 3


def test_a_ramp_that_ends_at_a_vertex_of_an_embankment_meets_it(tmp_path):
    """A second one that a road passes, or that ends a little beside the vertex, does not."""
    a, b, c = (-88.7, 14.5), (-88.5, 14.5), (-88.3, 14.5)
    lines = [
        [(-88.9, 14.5), a, b, c, (-88.1, 14.5)], [a, (-88.7, 14.6)],
        [b, (-88.5, 14.6)], [(-88.6, 14.4), b, (-88.4, 14.4)], [(-88.3, 14.500005), (-88.3, 14.6)],
    ]  # fmt: skip
    roads = read(write(tmp_path / "a.gpkg", lines, layer=[1, 0, 0, 0, 0]))
    assert {frozenset(((-88.9, 14.5), a)), frozenset((a, (-88.1, 14.5)))} <= ends(roads)
    assert (len(roads.links), roads.report.pieces) == (7, 3)


def test_ends_are_within_a_metre_as_well_far_from_the_equator(tmp_path):
    """At 60 degrees north a metre is twice as many degrees of longitude."""
    north = StudyArea(
        name="north", bbox=(10.0, 60.0, 11.0, 61.0), countries=(), neighbours=(), cell_m=2000.0
    )
    lines = [[(10.5, 60.4), (10.5, 60.6)], [(10.5 + 1.4e-5, 60.5), (10.6, 60.5)]]
    assert len(read(write(tmp_path / "a.gpkg", lines), area=north).links) == 3


def test_speeds_and_directions_by_column(tmp_path):
    lines = [[(-88.9 + 0.1 * i, 14.1), (-88.85 + 0.1 * i, 14.1)] for i in range(7)]
    path = write(
        tmp_path / "a.gpkg", lines,
        highway=["primary", "primary", "track", "track", "tertiary", "local", "primary"],
        surface=["asphalt", "dirt", None, "paved", "mixed", None, "paved"],
        oneway=["F", "T", "B", "", "yes", "-1", None],
        maxspeed=["50", None, "0", None, "30 mph", None, "RO:urban"],
        name=["Uno"] + [None] * 6,
    )  # fmt: skip
    links = read(path).links
    links = links.iloc[np.argsort(links.bounds["minx"].to_numpy())]
    kmh = links["length_m"] / 1000 / links["seconds_uv"] * 3600
    back = links["length_m"] / 1000 / links["seconds_vu"] * 3600
    posted = RULES.posted.factor
    np.testing.assert_allclose(
        np.maximum(kmh, back),
        [
            50 * posted, RULES.speed("primary", "unpaved"), RULES.speed("track", "unpaved"),
            RULES.speed("track", "paved"), 30 * 1.609344 * posted
            if 30 * 1.609344 * posted < RULES.speed("tertiary", "mixed")
            else RULES.speed("tertiary", "mixed"),
            RULES.speed("local", "mixed"), 50 * posted,
        ],
        rtol=1e-6,
    )  # fmt: skip
    assert list(np.isinf(links["seconds_vu"])) == [True, False, False, False, True, False, False]
    assert list(np.isinf(links["seconds_uv"])) == [False, True, False, False, False, True, False]
    assert links["name"].iloc[0] == "Uno"
    metres = [length(np.array(line)) for line in lines]
    np.testing.assert_allclose(links["length_m"], metres, rtol=1e-5)
    assert (links["straight_m"] == links["length_m"]).all()


def test_classes_of_a_ministry_are_translated(tmp_path):
    lines = [
        [(-88.9, 14.1), (-88.8, 14.1)],
        [(-88.8, 14.1), (-88.7, 14.1)],
        [(-88.7, 14.1), (-88.6, 14.1)],
    ]
    path = write(tmp_path / "a.gpkg", lines, TIPO=["Red Primaria", "Vecinal", "Proyecto"])
    gdf = gpd.read_file(path).drop(columns="highway")
    gdf.to_file(path, driver="GPKG")
    classes = {"Red Primaria": "primary", "Vecinal": "local", "Proyecto": ""}
    roads = read(path, rename={"class": "TIPO"}, classes=classes)
    assert sorted(roads.links["class"]) == ["local", "primary"]
    with pytest.raises(DataError, match=r"feature 2, class: 'Vecinal'\. Nobody knows this class"):
        read(path, rename={"class": "TIPO"}, classes={"Red Primaria": "primary"})
    with pytest.raises(DataError, match=r"column class: .missing.\. Say which .*TIPO"):
        read(path)
    with pytest.raises(DataError, match=r"rename\.clas: 'TIPO'\. Did you mean 'class'"):
        read(path, rename={"clas": "TIPO"})


def test_what_is_no_road_yet_is_left_out_and_counted(tmp_path):
    lines = [[(-88.9, 14.1), (-88.8, 14.1)], [(-88.8, 14.1), (-88.7, 14.1)]]
    roads = read(write(tmp_path / "a.gpkg", lines, highway=["construction", "primary"]))
    assert len(roads.links) == 1
    assert list(roads.report.remarks()) == [
        "1 ways are of classes that the rules of roads leave out: construction (1)."
    ]


def test_streets_that_osmnx_writes_twice_are_one(tmp_path):
    line = [(-88.9, 14.1), (-88.85, 14.12), (-88.8, 14.1)]
    other = [(-88.5, 14.1), (-88.4, 14.1)]
    path = write(
        tmp_path / "edges.gpkg", [line, line[::-1], other, other[::-1]],
        highway=["residential", "residential", "['trunk', 'primary']", "['trunk', 'primary']"],
        oneway=[False, False, True, True],
    )  # fmt: skip
    assert sorted(read(path).links["class"]) == ["local", "primary", "primary"]


def test_roads_are_cut_at_the_edge_of_the_area(tmp_path):
    path = write(tmp_path / "a.gpkg", [[(-90.0, 14.5), (-87.0, 14.5)], [(-80, 14), (-79, 14)]])
    roads = read(path)
    assert ends(roads) == {frozenset(((-89.0, 14.5), (-87.5, 14.5)))}
    with pytest.raises(DataError, match="nothing in the area"):
        read(write(tmp_path / "far.gpkg", [[(-80, 14), (-79, 14)]]))


def test_shapes_that_are_no_roads(tmp_path):
    frame = gpd.GeoDataFrame(
        {"highway": ["primary"]}, geometry=shapely.points([(-88, 14.5)]), crs=4326
    )
    frame.to_file(tmp_path / "a.gpkg", driver="GPKG")
    with pytest.raises(DataError, match=r"feature 1, geometry: 'Point'\. Give roads as lines"):
        read(tmp_path / "a.gpkg")


def test_streets_of_a_city_by_geoparquet():
    """Apalachicola, Florida, each street there and back, as osmnx writes them: once, and whole."""
    path = packaged("neatnet", "neatnet/tests/data/apalachicola_original.parquet")
    frame = gpd.read_parquet(path)
    west, south, east, north = frame.to_crs(4326).total_bounds
    city = StudyArea(
        name="city", bbox=(west - 0.01, south - 0.01, east + 0.01, north + 0.01), countries=(),
        neighbours=(), cell_m=500.0,
    )  # fmt: skip
    roads = read(path, area=city)
    once = frame[~frame.normalize().to_wkb().duplicated()]
    assert len(once) < 0.6 * len(frame)
    metres = once.to_crs(4326).geometry.map(lambda line: length(shapely.get_coordinates(line)))
    assert roads.links["length_m"].sum() == pytest.approx(metres.sum(), rel=0.001)
    xy = np.round(shapely.get_coordinates(np.asarray(frame.boundary.explode())), 1)
    junctions = len(np.unique(xy, axis=0))
    used = len(pd.unique(roads.links[["u", "v"]].to_numpy().ravel()))
    assert used == pytest.approx(junctions, rel=0.01)
