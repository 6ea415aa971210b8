"""From words and coordinates to nodes."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geodata.area.study_area import StudyArea
from geodata.errors import InputError
from geodata.network.network import Network
from routes.router import Router
from routes.scenario.demand import Endpoint
from routes.scenario.edits import close
from routes.scenario.ends.end_text import parse_end
from routes.scenario.ends.endpoints import locate
from routes.scenario.ends.layers import layer_nodes
from routes.scenario.ends.place_names import find_place
from routes.scenario.profiles import load_profile, profile_names
from routes.scenario.scenario import Scenario
from routes.studies.closures import split_demands


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("San Pedro Sula", "HN"),
        ("san pedro sula", "HN"),
        ("Coban", "GT"),
        ("Santa Rita, Copan", "HN"),
    ],
)
def test_names_are_found_without_case_and_accents(network, text, country):
    node = find_place(network, text, field="--from")
    assert network.nodes["country"].iloc[node] == country


def test_an_unknown_name_is_answered_with_the_nearest(network):
    with pytest.raises(InputError, match=r"Nearest names: .*San Pedro Sula") as caught:
        find_place(network, "San Pedro Sulla", field="--from")
    assert caught.value.field == "--from"


def test_a_homonym_is_listed_in_words_that_choose_it(network):
    with pytest.raises(InputError, match="There are ") as caught:
        find_place(network, "La Libertad", field="--to")
    choices = caught.value.remedy.split(": ", 1)[1].rstrip(".").split("; ")
    assert len(choices) > 1
    for choice in choices:
        if choice[0].isalpha():
            assert find_place(network, choice, field="--to") >= 0


@pytest.mark.parametrize(
    "text", ["", "-88", "15.5", "-88,abc", "-88,15,3", "15,5,-88", "nan,15", "1e999,2"]
)
def test_text_that_is_neither_is_refused(text):
    with pytest.raises(InputError, match="Give LON,LAT in degrees or a place name"):
        parse_end(text, field="--from")


@pytest.mark.parametrize("text", ["1ra. Sección de Izapa", "2da. seccion de medio monte, MX"])
def test_a_name_may_begin_with_a_digit(network, text):
    located = locate(network, parse_end(text, field="from"), field="from")
    assert network.nodes["kind"].iloc[located.nodes[0]] == "place"


@pytest.mark.parametrize(
    "name",
    [
        "20",
        "20, HN",
        "100,hn-cp",
        "Aldea: Km 5",
        "Barrio El Centro: norte",
        "Km: 20",
        "La 7: x, GT",
    ],
)
def test_a_name_may_be_a_number_or_hold_a_colon(name):
    assert parse_end(f" {name} ").at == {"layer": "place", "name": name}


def test_places_called_by_a_number_are_told_apart_by_country(network):
    nodes = network.nodes
    row = nodes.index[(nodes["kind"] == "place") & (nodes["country"] == "HN")][0]
    names = nodes["name"].astype(str)
    names[row] = "20"
    numbered = replace(network, nodes=nodes.assign(name=names.astype("category")))
    for text in ("20", "20, HN"):
        assert locate(numbered, parse_end(text), field="from").nodes.tolist() == [row]


def test_points_a_metre_apart_are_two_and_one_spelt_twice_is_one():
    near = [parse_end(text, field="from") for text in ("-88.12341,15.5", "-88.12344,15.5")]
    profile = load_profile("migrants-north")
    assert [end.name for end in profile.between(near).origins] == [
        "-88.12341,15.5", "-88.12344,15.5"
    ]  # fmt: skip
    assert parse_end("-88.10,15", field="from").name == "-88.1,15"
    spelt = [parse_end(text, field="from") for text in ("-88.1,15.50", " -88.10,15.5")]
    with pytest.raises(InputError, match="given twice"):
        profile.between(spelt)
    with pytest.raises(InputError, match="given twice"):
        profile.between((), [parse_end("Tela", field="to")] * 2)


@pytest.mark.parametrize(
    ("text", "kind", "column", "code"),
    [
        ("ports:HN", "port", "country", "HN"),
        (" Airstrips : hn-gd", "airstrip", "admin1", "HN-GD"),
        ("crossings:GT", "crossing", "country", "GT"),
        ("places:GT-PE", "place", "admin1", "GT-PE"),
    ],
)
def test_a_collection_is_all_of_it_in_a_country_or_district(network, text, kind, column, code):
    end = locate(network, parse_end(text, field="--from"), field="--from")
    nodes = network.nodes
    wanted = (nodes["kind"] == kind) & (nodes[column] == code)
    assert end.scattered and end.name == text.strip()
    assert sorted(end.nodes.tolist()) == sorted(wanted.to_numpy().nonzero()[0].tolist())


@pytest.mark.parametrize(
    "text",
    [
        "ports",
        "ports:",
        "ports:Honduras",
        "airstrips:HN-",
        "airports:HN",
        "port:Cortes",
        "towns:HN",
    ],
)
def test_a_collection_without_a_code_is_refused(text):
    with pytest.raises(InputError, match=r"such as \w+:XX or \w+:XX-YY"):
        parse_end(text, field="--from")


def test_a_collection_with_nothing_there_says_where_there_is_some(network):
    with pytest.raises(InputError, match=r"its countries are .*HN"):
        locate(network, parse_end("ports:FR", field="from"), field="from")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("15.5,-88.0", "Longitude comes first: did you mean -88,15.5"),
        ("-70,15", "Give LON,LAT inside borderlands"),
        ("-92.3,18.3", "km away, beyond the limit of 5 km"),
    ],
)
def test_a_point_out_of_reach_says_why(network, text, message):
    with pytest.raises(InputError, match=message):
        locate(network, parse_end(text, field="--from"), field="--from")


def test_a_point_reports_how_far_it_was_snapped(network):
    located = locate(network, parse_end("-88.03,15.51", field="--from"), field="--from")
    assert len(located.nodes) == 1
    assert 0 < located.snap_m < 1500


@pytest.mark.parametrize("name", profile_names())
def test_every_endpoint_of_a_shipped_profile_is_on_the_network(network, name):
    profile = load_profile(name)
    for end in (*profile.origins, *profile.destinations):
        assert len(locate(network, end, field="from").nodes)


@pytest.mark.parametrize("edge", ["west", "east", "north"])
def test_the_edge_of_a_sea_is_as_deep_on_every_side(edge):
    """Rows of cells at 60 degrees north, where a degree of longitude is half as long."""
    depth = 2000 / 111_000 * np.array([0.2, 1.3, 1.7])
    x = {"west": 10 + 2 * depth, "east": 12 - 2 * depth, "north": np.full(3, 11.0)}[edge]
    y = 60.0 - depth if edge == "north" else np.full(3, 60.0)
    nodes = pd.DataFrame({"x": x, "y": y, "kind": pd.Categorical(["sea"] * 3)})
    network = Network(
        area=StudyArea(name="made", bbox=(10, 59, 12, 60), countries=("XA",), neighbours=()),
        nodes=nodes, links=pd.DataFrame(), geometry=np.array([]), gateways=None, admin=None,
    )  # fmt: skip
    end = Endpoint(name="x", at={"layer": "sea", "edge": edge})
    assert layer_nodes(network, end, field="from").tolist() == [0, 1]


def test_the_mexican_border_is_met_just_across_it(network):
    end = Endpoint(name="x", at={"layer": "border", "country": "MX", "beside": "GT", "south": 17.2})
    nodes = network.nodes.iloc[locate(network, end, field="to").nodes]
    assert set(nodes["country"]) == {"MX"}
    assert nodes["y"].min() >= 17.2


@pytest.fixture(scope="module")
def router(network):
    return Router(network)


def moving(*modes, profile="cocaine-north"):
    flow = load_profile(profile)
    return replace(flow, rates={mode: flow.rates.get(mode, 1.0) for mode in modes})


def ends_of(router, profile, origin, destination, **scenario):
    ends = [parse_end(origin, field="from")], [parse_end(destination, field="to")]
    starts, arrivals = router.ends(Scenario(profile=profile.between(*ends), **scenario))
    return starts[0], arrivals[0]


def modes_at(network, nodes):
    """Modes of the links of some nodes."""
    links = network.links
    touching = links["u"].isin(nodes) | links["v"].isin(nodes)
    return set(links["mode"][touching].astype(str))


def ashore(network, *, count):
    """Points at nodes of the sea mesh within some kilometres of land that can be walked on."""
    nodes = network.nodes
    sea = np.flatnonzero((nodes["kind"] == "sea").to_numpy())
    land = network.snapper.nearest_of
    trails = network.links[(network.links["mode"] == "trail").to_numpy()]
    walked = nodes.index.isin(trails["u"]) | nodes.index.isin(trails["v"])
    usable = (nodes["kind"] == "mesh").to_numpy() & walked
    points = []
    for row in np.random.default_rng(3).permutation(sea):
        x, y = nodes["x"].iloc[row], nodes["y"].iloc[row]
        if land(x, y, usable, within_m=5000)[1] < 4500:
            points.append((row, f"{x},{y}"))
            if len(points) == count:
                return points
    return points


def test_who_has_no_boat_begins_and_ends_on_land(network, router):
    land = moving("road", "trail", "transfer")
    for row, text in ashore(network, count=10):
        assert locate(network, parse_end(text, field="from"), field="from").nodes == [row]
        for end in (*ends_of(router, land, text, "Chiquimula")[:1],
                    *ends_of(router, land, "Chiquimula", text)[1:]):  # fmt: skip
            assert end.kind != "sea" and 0 < end.snap_m <= 5000
            assert modes_at(network, end.nodes) & {"road", "trail", "transfer"}
            assert router.footing(Scenario(profile=land)).leaving[end.nodes].all()


def test_who_has_only_a_boat_begins_at_sea_or_in_a_port(network, router):
    for modes, kinds in ((("sea",), {"sea"}), (("sea", "transfer"), {"sea", "port", "landing"})):
        start, end = ends_of(router, moving(*modes), "Tela", "Coxen Hole")
        assert {start.kind, end.kind} <= kinds
        assert 0 < start.snap_m <= 5000 and "sea" in modes_at(network, end.nodes) | {"sea"}


def test_a_place_beyond_reach_says_how_far_and_by_which_modes(router):
    with pytest.raises(InputError, match=r"by sea and transfer, cannot begin there: .* 2\d\.\d km"):
        ends_of(router, moving("sea", "transfer"), "San Pedro Sula", "Coxen Hole")
    with pytest.raises(InputError, match=r"cannot end there.*beyond the limit of 5 km") as caught:
        ends_of(router, moving("sea"), "Tela", "San Pedro Sula")
    assert caught.value.field == "to"
    with pytest.raises(InputError, match="to which all is closed, cannot begin there: there is no"):
        ends_of(router, moving("road"), "Tela", "Chiquimula", edits=(close("road"),))


def test_what_an_edit_closes_is_no_place_to_stand(network, router):
    profile = load_profile("migrants-north")
    before, _ = ends_of(router, profile, "San Pedro Sula", "Chiquimula")
    assert (before.snap_m, before.kind) == (0.0, "place")
    after, _ = ends_of(router, profile, "San Pedro Sula", "Chiquimula", edits=(close("road"),))
    assert after.kind == "mesh" and 0 < after.snap_m < 5000
    # The end was kept from the question before; what it may use was not.
    again, _ = ends_of(router, profile, "San Pedro Sula", "Chiquimula")
    assert again == before
    with pytest.raises(InputError, match=r"10\.0 km away"):
        ends_of(router, profile, "Tela", "Chiquimula", edits=(close("Tela"),))


def test_collections_and_files_move_place_by_place(network, router):
    road = moving("road", profile="migrants-north")
    towns = Endpoint(name="towns", at={"layer": "points", "coordinates": [
        [-88.0259, 15.5059], [-88.03, 15.52]]})  # fmt: skip
    starts, _ = router.ends(Scenario(profile=road.between([towns])))
    footing = router.footing(Scenario(profile=road))
    assert footing.leaving[starts[0].nodes].all() and starts[0].scattered
    ports = parse_end("ports:GT", field="from")
    with pytest.raises(InputError, match="cannot begin at one of these places: the nearest node"):
        router.ends(Scenario(profile=road.between([ports])))


def test_a_line_keeps_what_may_be_used_of_it(network, router):
    land = moving("road", "trail", "transfer")
    border = Endpoint(name="border", at={"layer": "border", "country": "NI"})
    line = locate(network, border, field="from")
    starts, _ = router.ends(Scenario(profile=moving("road").between([border])))
    assert 0 < len(starts[0].nodes) < len(line.nodes) and starts[0].snap_m == 0
    sea = Endpoint(name="sea", at={"layer": "sea", "edge": "east"})
    words = r"None of its nodes can be used by this flow, by road.*reaches by road or trail, or al"
    with pytest.raises(InputError, match=words):
        router.ends(Scenario(profile=land.between([sea])))


def written(**at):
    return Endpoint(name="Label", at=at, path="profile.origins[0]")


@pytest.mark.parametrize(
    ("at", "key", "value", "words"),
    [
        ({"layer": "airstrip", "admin1": ["HN-GD", "ZZ-QQ"]}, "admin1[1]", "ZZ-QQ", "no such dist"),
        ({"layer": "airstrip", "admin1": "HN-GX"}, "admin1", "HN-GX", "HN-GD"),
        ({"layer": "port", "country": "ZZ"}, "country", "ZZ", "its countries are .*HN"),
        ({"layer": "place", "name": "Tela", "country": "ZZ"}, "country", "ZZ", "its countries are"),
        ({"layer": "place", "name": "Tela", "country": "GT"}, "name", "Tela", "Tela, HN-AT"),
        ({"layer": "place", "name": "Telaa"}, "name", "Telaa", "Nearest names: Tela"),
        ({"layer": "port", "name": "Puerto Corte"}, "name", "Puerto Corte", "Puerto Cortés"),
        ({"layer": "port", "country": "NI"}, "country", "NI", "some lie in: .*HN"),
        ({"layer": "border", "country": "HN", "beside": "ZZ"}, "beside", "ZZ", "countries are"),
        ({"layer": "border", "country": "HN", "beside": "MX"}, "beside", "MX", "but on: GT, NI"),
        ({"layer": "border", "country": "NI", "east": -90.0}, "east", -90.0, "it lies from -8"),
        ({"layer": "sea", "edge": "east", "south": 40.0}, "south", 40.0, "in latitude"),
        ({"layer": "point", "x": -70, "y": 15}, "", -70, "inside borderlands"),
        ({"layer": "points", "coordinates": [[-88.03, 15.51], [-70, 15]]}, "coordinates[1]", -70,
         "inside borderlands"),
    ],
)  # fmt: skip
def test_what_a_profile_says_of_a_place_is_told_by_its_key(network, at, key, value, words):
    with pytest.raises(InputError) as caught:
        locate(network, written(**at), field="from")
    assert caught.value.field == f"profile.origins[0].at.{key}".rstrip(".")
    assert str(value) in str(caught.value.value)
    assert re.search(words, caught.value.remedy)


@pytest.mark.parametrize(
    ("spelt", "known"),
    [
        ({"layer": "port", "name": "puerto CORTES"}, {"layer": "port", "name": "Puerto Cortés"}),
        ({"layer": "place", "name": "san pedro sula", "admin1": "hn-cr"},
         {"layer": "place", "name": "San Pedro Sula", "admin1": "HN-CR"}),
        ({"layer": "place", "country": "hn"}, {"layer": "place", "country": "HN"}),
        ({"layer": "border", "country": "mx", "beside": "gt"},
         {"layer": "border", "country": "MX", "beside": "GT"}),
    ],
)  # fmt: skip
def test_keys_are_read_without_case_and_accents(network, spelt, known):
    one, other = (locate(network, written(**at), field="from") for at in (spelt, known))
    assert len(one.nodes) and one.nodes.tolist() == other.nodes.tolist()


@pytest.mark.parametrize("name", ["San Jose", "San José", "san jose"])
def test_places_whose_names_differ_by_an_accent_are_all_meant(network, name):
    at = {"layer": "place", "name": name, "admin1": ["HN-CP", "BZ-TOL"]}
    nodes = locate(network, written(**at), field="from").nodes
    names = network.nodes["name"].astype(str).to_numpy()[nodes]
    assert sorted(names) == ["San Jose", "San José"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("San Pedro Sula", "san pedro sula"),
        ("San Pedro Sula", "San Pedro Sula, HN-CR"),
        ("Danlí", "Danli"),
    ],
)
def test_a_place_spelt_twice_is_refused_on_either_side(router, first, second):
    profile = load_profile("migrants-north")
    message = f"It is the same place as '{first}'"
    for field in ("from", "to"):
        ends = [parse_end(text, field=field) for text in ("Tela", first, second)]
        sides = (ends, ()) if field == "from" else ((), ends)
        scenario = Scenario(profile=profile.between(*sides))
        with pytest.raises(InputError, match=message) as caught:
            router.ends(scenario)
        assert (caught.value.field, caught.value.value) == (field, second)
        with pytest.raises(InputError, match=message):
            split_demands(router.network, scenario)


def test_a_place_that_two_origins_of_a_profile_name_is_told_by_its_key(router):
    at = {"layer": "place", "name": "tela"}
    ends = [Endpoint(name=name, at={**at, "country": "HN"}, path=f"origins[{place}]")
            for place, name in enumerate(("a", "b"))]  # fmt: skip
    profile = replace(load_profile("migrants-north"), origins=tuple(ends))
    with pytest.raises(InputError, match="same place as 'a'") as caught:
        router.ends(Scenario(profile=profile))
    assert (caught.value.field, caught.value.value) == ("origins[1].at.name", "tela")


def test_points_near_a_place_and_collections_around_it_stay_beside_it(router):
    texts = ("Puerto Cortés", "ports:HN", "-88.0259,15.5059", "-88.0258,15.5059")
    ends = [parse_end(text, field="to") for text in texts]
    _, arrivals = router.ends(Scenario(profile=load_profile("contraband-west").between((), ends)))
    assert [end.name for end in arrivals] == list(texts)
