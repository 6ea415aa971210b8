"""Tiles of what lies across the antimeridian."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from mapbox_vector_tile import decode

from geodata.formats.tiles.encode import Tile
from geodata.formats.tiles.pyramid import Pyramid, Tileset, Zooms
from geodata.formats.tiles.web_mercator import tile_range, tiles_over


@pytest.fixture(scope="module")
def across() -> Tileset:
    line = shapely.LineString([(178, -17), (182, -16)])
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[line], crs="OGC:CRS84")
    return Tileset("all", "All", [Pyramid("lines", frame)])


def test_east_of_the_antimeridian_x_begins_again(across: Tileset) -> None:
    assert tile_range(across.box, 6)[:2] == (63, 64)
    assert [x for x, _ in tiles_over(across.box, 6)][:2] == [63, 0]
    tiles = {(tile.z, tile.x) for tile, _ in across.tiles(Zooms(least=6, most=7))}
    assert tiles == {(6, 63), (6, 0), (7, 127), (7, 0)}


def test_a_line_goes_on_from_one_side_to_the_other(across: Tileset) -> None:
    ends = {}
    for x in (63, 0):
        (feature,) = decode(across.tile(Tile(6, x, 35)))["lines"]["features"]
        ends[x] = [place[0] for place in feature["geometry"]["coordinates"]]
    # From within one tile over its edge, and from beyond the edge of the other into it.
    assert 0 < ends[63][0] < 4096 <= ends[63][-1]
    assert ends[0][0] <= 0 < ends[0][-1] < 4096
    assert across.tile(Tile(6, 2, 35)) == b"" == across.tile(Tile(6, 61, 35))


def test_all_around_the_world_each_tile_is_one() -> None:
    line = shapely.LineString([(-180, 0), (180, 1)])
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[line], crs="OGC:CRS84")
    tiles = Tileset("all", "All", [Pyramid("lines", frame)])
    assert {x for x, _ in tiles_over(tiles.box, 2)} == {0, 1, 2, 3}
    for x in range(4):
        (feature,) = decode(tiles.tile(Tile(2, x, 1)))["lines"]["features"]
        places = [place[0] for place in feature["geometry"]["coordinates"]]
        assert min(places) <= 0 and max(places) >= 4096


@pytest.mark.parametrize(("xs", "x"), [((0.2, 60), 0), ((120, 179.8), 0), ((-60, -0.2), 1)])
def test_a_stroke_reaches_into_the_tile_beside_it_on_either_side(
    xs: tuple[float, float], x: int
) -> None:
    line = shapely.LineString([(xs[0], 10), (xs[1], 20)])
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[line], crs="OGC:CRS84")
    tile = Tileset("all", "All", [Pyramid("lines", frame)]).tile(Tile(1, x, 0))
    assert len(decode(tile)["lines"]["features"]) == 1
