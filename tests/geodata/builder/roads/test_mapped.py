"""Roads as mapped: cut at borders, in pieces that the mesh can meet, with crossings."""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.affinity

from geodata.area.study_area import StudyArea
from geodata.builder.roads.crossings import Borders
from geodata.builder.roads.mapped import mapped_roads, slow_on_slopes
from geodata.errors import DataError
from geodata.sources.study.land_of import LandOf
from tests.support.worlds.made_study import COAST, TOWNS, MadeRoads

AREA = StudyArea(name="made", bbox=(0, 0, 1, 1), countries=("XA", "XB"), neighbours=())
LAND = gpd.GeoDataFrame(
    {"country": ["XA", "XB"]},
    geometry=[COAST & shapely.box(0, 0, 0.5, 1), COAST & shapely.box(0.5, 0, 1, 1)],
    crs=4326,
)
PLACES = pd.DataFrame(
    [(name, x, y) for name, (x, y, _) in TOWNS.items()], columns=["name", "x", "y"]
)


def crossing(x: float, y: float, *, border: tuple[str, str] = ("XA", "XB")) -> pd.DataFrame:
    names = {"id": ["gate"], "name": ["The Gate"]}
    return pd.DataFrame({**names, "country_a": border[0], "country_b": border[1], "x": x, "y": y})


def built(crossings: pd.DataFrame | None = None, *, roads=None):
    borders = Borders(land=LandOf(LAND, AREA), crossings=crossings, places=PLACES)
    return mapped_roads(MadeRoads() if roads is None else roads, AREA, borders)


def ends(roads, link) -> tuple[str, str]:
    country = roads.nodes["country"]
    return country[link.u], country[link.v]


def test_a_road_over_a_border_is_cut_there_and_keeps_its_length_and_time():
    roads, made = built(), MadeRoads().links
    over = [link for link in roads.links.itertuples() if len(set(ends(roads, link))) == 2]
    assert len(over) == 2
    for link in over:
        middle = link.geometry.interpolate(0.5, normalized=True)
        assert middle.x == pytest.approx(0.5, abs=0.001)
        assert link.length_m < 250
    own = roads.links[roads.links["class"] != "track"]
    for column in ("length_m", "seconds_uv"):
        assert own[column].sum() == pytest.approx(made[column][:2].sum())
    assert np.isinf(own["seconds_vu"]).any()


def test_links_are_short_enough_for_the_mesh_and_lead_where_they_led():
    roads = built()
    assert roads.links["length_m"].max() <= 2500
    for link in roads.links.itertuples():
        at = roads.nodes.loc[[link.u, link.v], ["x", "y"]].to_numpy()
        assert at == pytest.approx(shapely.get_coordinates(link.geometry)[[0, -1]], abs=1e-9)


def test_where_nobody_says_a_made_road_has_a_crossing_and_a_track_has_none():
    roads = built()
    formal = roads.links[roads.links["crossing"] == "formal"]
    assert list(formal["class"]) == ["crossing"] and list(formal["name"]) == ["Midton"]
    sides = roads.nodes.loc[[formal["u"].iloc[0], formal["v"].iloc[0]]]
    assert set(sides["kind"]) == {"crossing"} and set(sides["country"]) == {"XA", "XB"}
    assert (roads.nodes["kind"] == "crossing").sum() == 2


def test_crossings_of_a_table_are_where_the_road_meets_the_border():
    roads = built(crossing(0.51, 0.5333))
    formal = roads.links[roads.links["crossing"] == "formal"]
    assert list(formal["name"]) == ["The Gate"] and list(formal["ref"]) == ["gate"]
    assert formal.geometry.iloc[0].centroid.y == pytest.approx(0.533, abs=0.01)


def beside_a_path(*, apart_deg: float) -> MadeRoads:
    """The primary of `MadeRoads`, and a footpath over the border so far north of it."""
    roads = MadeRoads()
    links = roads.links.assign(mode="road")
    path = links.iloc[[0]].assign(mode="trail", **{"class": "path"})
    line = shapely.affinity.translate(path.geometry.iloc[0], yoff=apart_deg)
    ends = shapely.get_coordinates(line)[[0, -1]]
    first = len(roads.nodes)
    added = pd.DataFrame({"x": ends[:, 0], "y": ends[:, 1]})
    roads.nodes = pd.concat([roads.nodes, added], ignore_index=True)
    path = path.assign(u=first, v=first + 1, geometry=[line])
    roads.links = pd.concat([links, path], ignore_index=True)
    return roads


@pytest.mark.parametrize(("apart_deg", "mode"), [(0.0005, "road"), (0.02, "trail")])
def test_a_crossing_is_on_the_road_beside_a_footpath_that_is_a_little_nearer(apart_deg, mode):
    path_y = 0.355 + apart_deg
    roads = built(crossing(0.5, path_y), roads=beside_a_path(apart_deg=apart_deg))
    formal = roads.links[roads.links["crossing"] == "formal"]
    assert list(formal["mode"]) == [mode]


def test_a_footbridge_beside_a_bridge_keeps_its_crossing():
    """The table lists both; the building of the road's is a little nearer to the path."""
    roads = beside_a_path(apart_deg=0.0015)
    bridge, path = crossing(0.5, 0.3555), crossing(0.5, 0.3565)
    path = path.assign(id="foot", name="The Footbridge")
    for table in (pd.concat([bridge, path]), pd.concat([path, bridge])):
        formal = built(table, roads=roads).links.query("crossing == 'formal'")
        named = dict(zip(formal["name"], formal["mode"], strict=True))
        assert named == {"The Gate": "road", "The Footbridge": "trail"}


def test_a_crossing_far_away_takes_no_road_from_one_beside_it():
    roads = beside_a_path(apart_deg=0.0015)
    far = crossing(0.53, 0.38).assign(id="far", name="Far")
    formal = built(pd.concat([far, crossing(0.5, 0.355)]), roads=roads).links
    formal = formal.query("crossing == 'formal'")
    assert list(zip(formal["name"], formal["mode"], strict=True)) == [("The Gate", "road")]


def test_a_crossing_whose_road_is_that_of_another_is_reported():
    table = pd.concat([crossing(0.5, 0.355), crossing(0.52, 0.38).assign(id="o", name="Other")])
    borders = Borders(land=LandOf(LAND, AREA), crossings=table, places=PLACES)
    remarks: list[str] = []
    mapped_roads(MadeRoads(), AREA, borders, notice=remarks.append)
    (remark,) = remarks
    assert remark.startswith("1 of 2 crossings have no road of their own")
    assert remark.endswith("left out: Other.")


def test_a_crossing_far_from_any_road_is_refused_and_says_how_far():
    with pytest.raises(DataError, match=r"XA-XB is 1\d\.\d km away, beyond the limit of 10 km"):
        built(crossing(0.5, 0.2))
    with pytest.raises(DataError, match="No road passes the border XA-XC"):
        built(crossing(0.5, 0.35, border=("XA", "XC")))


def test_a_customs_house_inland_is_no_crossing():
    inland = pd.concat([crossing(0.15, 0.15, border=("", "")), crossing(0.5, 0.35)])
    formal = built(inland).links["crossing"] == "formal"
    assert formal.sum() == 1


def test_of_two_crossings_on_one_road_the_nearer_is_that_of_the_road():
    both = pd.concat([crossing(0.5, 0.355), crossing(0.52, 0.38).assign(name="Other")])
    for table in (both, both.iloc[::-1]):
        links = built(table).links
        assert list(links.loc[links["crossing"] == "formal", "name"]) == ["The Gate"]


def test_no_road_passes_a_closed_zone():
    zone = gpd.GeoDataFrame({"name": ["base"]}, geometry=[shapely.box(0.29, 0.4, 0.31, 0.42)])
    borders = Borders(land=LandOf(LAND, AREA), crossings=None, places=PLACES)
    roads = mapped_roads(MadeRoads(), AREA, borders, closed=zone)
    assert set(roads.links["class"]) == {"primary", "crossing", "track"}


class Hill:
    """A slope of a tenth, up from the first vertex of each line."""

    def along(self, lines, *, pace):
        slope = np.full(len(lines), 0.1)
        return Under(pace(slope), pace(-slope))


class Under(NamedTuple):
    slower_uv: np.ndarray
    slower_vu: np.ndarray


def test_slopes_cost_time_on_wheels_and_on_foot_more_uphill():
    links = MadeRoads().links.assign(mode=["road", "trail", "road"])
    steep = slow_on_slopes(pd.DataFrame(links), Hill())
    assert steep["seconds_uv"][0] == pytest.approx(links["seconds_uv"][0] * 1.35)
    up, down = (steep[name][1] / links["seconds_uv"][1] for name in ("seconds_uv", "seconds_vu"))
    assert up == pytest.approx(5 / (6 * np.exp(-3.5 * 0.15))) and np.isinf(down)
