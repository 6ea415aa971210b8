"""Roads of the bundled region: joined where they are, apart where they are, and as long as said."""

from __future__ import annotations

from dataclasses import astuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from geodata.area.geodesy import GEOD
from geodata.area.grid import Raster
from geodata.borderlands.region import BORDERLANDS, borderlands, road_rules
from geodata.builder.roads.alignment.own_land import OwnLand
from geodata.builder.roads.alignment.sinuosity import FITTED, ElevationProfile
from geodata.builder.roads.distances import road_distance
from geodata.builder.roads.graphs import weighted_graph
from geodata.builder.roads.junctions import crossings_of, with_junctions
from geodata.builder.roads.legs import Draughtsman
from geodata.builder.roads.network import (
    LINK_COLUMNS,
    SPACING_M,
    RoadNetwork,
    local_roads,
    refit,
    road_network,
)
from geodata.errors import DataError

CAPITALS = {
    "GT": (
        "Guatemala City", "Guastatoya", "Antigua Guatemala", "Chimaltenango", "Escuintla",
        "Cuilapa", "Sololá", "Totonicapán", "Quetzaltenango", "Mazatenango", "Retalhuleu",
        "San Marcos", "Huehuetenango", "Santa Cruz del Quiché", "Salamá", "Cobán", "Flores",
        "Puerto Barrios", "Zacapa", "Chiquimula", "Jalapa", "Jutiapa",
    ),
    "HN": (
        "La Ceiba", "Ciudad Choluteca", "Trujillo", "Comayagua", "Santa Rosa de Copán",
        "San Pedro Sula", "Yuscarán", "Tegucigalpa", "La Esperanza", "La Paz", "Gracias",
        "Nueva Ocotepeque", "Juticalpa", "Santa Bárbara", "Nacaome", "Yoro",
    ),
    "SV": (
        "Ahuachapán", "Santa Ana", "Sonsonate", "Chalatenango", "Santa Tecla", "San Salvador",
        "Cojutepeque", "Zacatecoluca", "Sensuntepeque", "San Vicente", "Usulután",
        "San Miguel", "San Francisco", "La Unión",
    ),
    "BZ": ("Belize City", "Belmopan", "San Ignacio", "Corozal", "Orange Walk", "Dangriga",
           "Punta Gorda"),
}  # fmt: skip
BRIDGED = {"CA-13 La Ruidosa-Río Dulce", "RD San Lorenzo-Coyolito", "RD Roatán"}
HUB = {"GT": "Guatemala City", "HN": "Tegucigalpa", "SV": "San Salvador", "BZ": "Belize City"}
Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, gpd.GeoDataFrame]


@pytest.fixture(scope="module")
def tables() -> Tables:
    bundle = borderlands()
    routes, stops, crossings, trunk = (
        bundle.frame(name) for name in ("road_routes", "road_stops", "crossings", "trunk")
    )
    return routes, stops, crossings, gpd.GeoDataFrame(trunk)


@pytest.fixture(scope="module")
def elevation() -> Raster:
    return borderlands().raster("elevation")


@pytest.fixture(scope="module")
def land() -> OwnLand:
    return OwnLand(gpd.GeoDataFrame(borderlands().frame("countries")), BORDERLANDS)


@pytest.fixture(scope="module")
def roads(tables: Tables, elevation: Raster, land: OwnLand) -> RoadNetwork:
    return road_network(
        *tables, elevation=elevation, area=BORDERLANDS, rules=road_rules(), land=land
    )


def graph(roads: RoadNetwork, links: pd.DataFrame | None = None) -> csr_array:
    kept = roads.links if links is None else links
    lengths, u, v = (kept[name].to_numpy() for name in ("length_m", "u", "v"))
    return weighted_graph(lengths, u, v, len(roads.nodes))


def at_home(roads: RoadNetwork) -> np.ndarray:
    """Component of each node when no border is crossed."""
    inland = roads.links[roads.links["crossing"] == ""]
    return connected_components(graph(roads, inland), directed=False)[1]


def row(roads: RoadNetwork, name: str, country: str) -> int:
    nodes = roads.nodes
    rows = np.flatnonzero((nodes["name"] == name) & (nodes["country"] == country))
    assert len(rows), f"{name} is no stop in {country}"
    return int(rows[-1])


def test_every_formal_crossing_lies_on_the_road_between_its_two_towns(
    roads: RoadNetwork, tables: Tables
) -> None:
    nodes, links = roads.nodes, roads.links.set_index("ref")
    inland = roads.links["crossing"] == ""
    for crossing in tables[2].itertuples():
        link = links.loc[crossing.id]
        assert link["crossing"] == "formal" and link["name"] == crossing.name
        assert nodes.loc[link["u"], "name"] == crossing.town_a
        assert nodes.loc[link["v"], "name"] == crossing.town_b
        only = graph(roads, roads.links[inland | (roads.links["ref"] == crossing.id)])
        near = dijkstra(only, directed=False, indices=link["u"])
        for code in (crossing.country_a, crossing.country_b):
            towns = (nodes["kind"] == "place") & (nodes["country"] == code)
            assert near[towns].min() < 60_000, f"{crossing.id}: no town on the road in {code}"


def test_every_crossing_joins_two_countries_and_nothing_else_does(roads: RoadNetwork) -> None:
    nodes, links = roads.nodes, roads.links
    u = nodes["country"].to_numpy()[links["u"]]
    v = nodes["country"].to_numpy()[links["v"]]
    assert ((u != v) == (links["class"] == "crossing")).all()
    own = links["class"] != "crossing"
    assert (u[own] == links["country"][own]).all()
    assert (links["class"] == "crossing").sum() == 26


@pytest.mark.parametrize("country", sorted(CAPITALS))
def test_department_capitals_are_joined_without_leaving_the_country(
    roads: RoadNetwork, country: str
) -> None:
    component = at_home(roads)
    hub = component[row(roads, HUB[country], country)]
    apart = [name for name in CAPITALS[country] if component[row(roads, name, country)] != hub]
    assert apart == []


@pytest.mark.parametrize("name", ["Puerto Lempira", "Coxen Hole"])
def test_places_without_a_road_to_the_capital_stay_without(roads: RoadNetwork, name: str) -> None:
    component = at_home(roads)
    assert component[row(roads, name, "HN")] != component[row(roads, "Tegucigalpa", "HN")]


def test_distances_agree_with_published_ones(roads: RoadNetwork) -> None:
    published = borderlands().frame("distances")
    check = road_distance(roads.nodes, roads.links, published[published["use_for_check"] == "yes"])
    error = check["error"].abs()
    assert not error.isna().any(), "every pair is on the network"
    assert error.median() <= 0.10
    assert (error <= 0.20).mean() >= 0.90


def test_the_model_predicts_distances_without_knowing_any_route_length(
    tables: Tables, elevation: Raster, land: OwnLand
) -> None:
    routes, *rest = tables
    blind = road_network(
        routes.assign(length_km=np.nan), *rest, elevation=elevation, area=BORDERLANDS, land=land
    )
    published = borderlands().frame("distances")
    checked = published[published["use_for_check"] == "yes"]
    error = road_distance(blind.nodes, blind.links, checked)["error"]
    assert error.abs().median() <= 0.10
    assert abs(error.median()) <= 0.05


def test_hours_agree_with_published_drives(roads: RoadNetwork) -> None:
    published = borderlands().frame("distances")
    drives = published[published["use_for_check"] == "yes"]
    check = road_distance(roads.nodes, roads.links, drives)
    assert 0.8 <= (check["model_hours"] / check["hours"]).median() <= 1.25


def test_legs_add_up_to_known_lengths(roads: RoadNetwork, tables: Tables) -> None:
    known = tables[0].dropna(subset="length_km").set_index("route")["length_km"]
    modelled = roads.links.groupby("name")["length_m"].sum() / 1000.0
    np.testing.assert_allclose(modelled[known.index], known, rtol=1e-5)


def test_the_fit_is_the_one_in_use(tables: Tables, elevation: Raster, land: OwnLand) -> None:
    again = refit(*tables, elevation=elevation, area=BORDERLANDS, land=land)
    np.testing.assert_allclose(astuple(again), astuple(FITTED), rtol=0.03, atol=0.003)


def test_links_are_whole(roads: RoadNetwork) -> None:
    nodes, links = roads.nodes, roads.links
    assert tuple(links.columns) == LINK_COLUMNS
    assert not nodes.isna().any(axis=None) and not links.isna().any(axis=None)
    assert links["straight_m"].max() <= SPACING_M + 1.0
    assert (links["length_m"] >= links["straight_m"] * (1 - 1e-9)).all()
    assert (links["seconds_uv"] > 0).all() and np.isfinite(links["seconds_uv"]).all()
    assert (links["u"] != links["v"]).all()
    assert not links.duplicated(["u", "v"]).any()
    for end, at in (("u", 0), ("v", -1)):
        drawn = shapely.get_coordinates(shapely.get_point(links.geometry.to_numpy(), at))
        np.testing.assert_array_equal(drawn, nodes[["x", "y"]].to_numpy()[links[end]])


def over_water(links: gpd.GeoDataFrame, land: OwnLand) -> dict[str, int]:
    """Metres of water under each road with more than 250 m of it in one link, by route."""
    sea = shapely.box(*BORDERLANDS.bbox).difference(
        borderlands().frame("countries").geometry.union_all()
    )
    shapely.prepare(sea)
    wet: dict[str, int] = {}
    for code, own in links[links["crossing"] == ""].groupby("country"):
        lines = own.geometry.to_numpy()
        off = land.off_metres(lines, str(code))
        for row in np.flatnonzero(off > 250.0):
            share = shapely.intersection(lines[row], sea).length / lines[row].length
            metres = share * own["straight_m"].iloc[row]
            if metres > 250.0:
                name = str(own["name"].iloc[row])
                wet[name] = wet.get(name, 0) + round(metres)
    return wet


def test_roads_go_round_water_but_for_real_bridges(roads: RoadNetwork, land: OwnLand) -> None:
    # The bridge of Río Dulce, the causeway of Coyolito; Roatán's road along its bays.
    wet = over_water(roads.links, land)
    assert set(wet) == BRIDGED
    assert sum(wet.values()) < 3500


def test_roads_of_a_country_cross_only_in_junctions(roads: RoadNetwork) -> None:
    a, _, _ = crossings_of(roads.links)
    assert len(a) > 10
    nodes, links = with_junctions(roads.nodes, roads.links, BORDERLANDS)
    assert len(crossings_of(links)[0]) == 0
    known = roads.links.groupby("name")["length_m"].sum()
    kept = links.groupby("name")["length_m"].sum()
    shared = (known - kept).loc[lambda less: less > 1.0]
    assert shared.sum() < 40_000.0, "only what runs along another road is dropped"
    assert not links.duplicated(["u", "v"]).any() and (links["u"] != links["v"]).all()
    assert len(nodes) == len(set(links["u"]) | set(links["v"]))


def test_stops_that_routes_share_are_one_node(roads: RoadNetwork) -> None:
    nodes = roads.nodes
    for country, name in (("GT", "Chiquimula"), ("HN", "La Entrada"), ("SV", "Santa Ana")):
        assert ((nodes["country"] == country) & (nodes["name"] == name)).sum() == 1
    juxtaposed = nodes[(nodes["name"] == "La Libertad") & (nodes["country"] == "GT")]
    assert len(juxtaposed) == 1


def test_two_builds_are_the_same(
    roads: RoadNetwork, tables: Tables, elevation: Raster, land: OwnLand
) -> None:
    again = road_network(
        *tables, elevation=elevation, area=BORDERLANDS, rules=road_rules(), land=land
    )
    pd.testing.assert_frame_equal(again.nodes, roads.nodes)
    pd.testing.assert_frame_equal(pd.DataFrame(again.links), pd.DataFrame(roads.links))


def test_an_unknown_crossing_is_refused(tables: Tables, elevation: Raster) -> None:
    routes, stops, crossings, trunk = tables
    fewer = crossings[crossings["id"] != "el-florido"]
    with pytest.raises(DataError, match="el-florido"):
        road_network(routes, stops, fewer, trunk, elevation=elevation, area=BORDERLANDS)


def test_a_length_shorter_than_the_line_is_refused(tables: Tables, elevation: Raster) -> None:
    routes, *rest = tables
    short = routes.assign(length_km=routes["length_km"].where(routes["class"] != "primary", 5.0))
    with pytest.raises(DataError, match="farther apart"):
        road_network(short, *rest, elevation=elevation, area=BORDERLANDS)


@pytest.fixture(scope="module")
def towns() -> pd.DataFrame:
    places = borderlands().frame("places")
    points = gpd.GeoDataFrame(places).geometry
    frame = pd.DataFrame(places.drop(columns="geometry")).assign(x=points.x, y=points.y)
    return frame[frame["country"].isin(["GT", "HN", "BZ", "SV"])]


def test_local_roads_join_towns_at_home_and_leave_the_mosquitia(
    roads: RoadNetwork, towns: pd.DataFrame, elevation: Raster
) -> None:
    joined = local_roads(
        towns,
        roads,
        draughtsman=Draughtsman(None, ElevationProfile(elevation)),
        area=BORDERLANDS,
        dry=lambda start, _end: np.ones(len(start), bool),
        rules=road_rules(),
    )
    added = joined.links[joined.links["class"] == "local"]
    u = joined.nodes["country"].to_numpy()[added["u"]]
    v = joined.nodes["country"].to_numpy()[added["v"]]
    assert (u == v).all() and (u == added["country"]).all()
    assert added["schematic"].all() and (added["surface"] == "unpaved").all()
    component = at_home(joined)
    assert (
        component[row(joined, "San José Pinula", "GT")]
        == component[row(joined, "Villa Canales", "GT")]
    )
    far = component[row(joined, "Puerto Lempira", "HN")]
    assert far != component[row(joined, "Tegucigalpa", "HN")]
    tree = len(set(added["u"]) | set(added["v"])) - len(added)
    assert tree > 0, "a forest has more nodes than links"


def test_no_local_road_where_all_is_water(
    roads: RoadNetwork, towns: pd.DataFrame, elevation: Raster
) -> None:
    joined = local_roads(
        towns,
        roads,
        draughtsman=Draughtsman(None, ElevationProfile(elevation)),
        area=BORDERLANDS,
        dry=lambda start, _end: np.zeros(len(start), bool),
    )
    pd.testing.assert_frame_equal(joined.nodes, roads.nodes)


def test_distance_of_a_crossing_is_to_the_line(roads: RoadNetwork) -> None:
    length = roads.links.set_index("ref").loc["el-florido", "straight_m"]
    assert length == pytest.approx(200.0, rel=0.01)
    nodes = roads.nodes[roads.nodes["kind"] == "crossing"]
    assert len(nodes) == 52
    assert GEOD.inv(-89.225, 14.853, *nodes[nodes["name"] == "El Florido"].iloc[0][["x", "y"]])[
        2
    ] == pytest.approx(100.0, rel=0.01)
