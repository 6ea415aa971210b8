"""From words and coordinates to nodes."""

from __future__ import annotations

import pytest

from geodata.errors import InputError
from routes.endpoints import find_place, locate, parse_end
from routes.profiles import Endpoint, load_profile, shipped


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


@pytest.mark.parametrize("text", ["", "-88", "-88,abc", "-88,15,3", "nan,15", "1e999,2"])
def test_text_that_is_neither_is_refused(text):
    with pytest.raises(InputError, match="Give LON,LAT in degrees or a place name"):
        parse_end(text, field="--from")


@pytest.mark.parametrize("text", ["1ra. Sección de Izapa", "2da. seccion de medio monte, MX"])
def test_a_name_may_begin_with_a_digit(network, text):
    located = locate(network, parse_end(text, field="from"), field="from")
    assert network.nodes["kind"].iloc[located.nodes[0]] == "place"


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
    found = locate(network, parse_end(text, field="--from"), field="--from")
    nodes = network.nodes
    wanted = (nodes["kind"] == kind) & (nodes[column] == code)
    assert found.scattered and found.name == text.strip()
    assert sorted(found.nodes.tolist()) == sorted(wanted.to_numpy().nonzero()[0].tolist())


@pytest.mark.parametrize(
    "text", ["ports", "ports:", "ports:Honduras", "airstrips:HN-", "airports:HN"]
)
def test_a_collection_without_a_code_is_refused(text):
    with pytest.raises(InputError, match=r"such as \w+:HN or \w+:HN-CR"):
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


@pytest.mark.parametrize("name", shipped())
def test_every_endpoint_of_a_shipped_profile_is_on_the_network(network, name):
    profile = load_profile(name)
    for end in (*profile.origins, *profile.destinations):
        assert len(locate(network, end, field="from").nodes)


def test_the_mexican_border_is_met_just_across_it(network):
    end = Endpoint(name="x", at={"layer": "border", "country": "MX", "beside": "GT", "south": 17.2})
    nodes = network.nodes.iloc[locate(network, end, field="to").nodes]
    assert set(nodes["country"]) == {"MX"}
    assert nodes["y"].min() >= 17.2
