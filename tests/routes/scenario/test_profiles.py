"""Shipped profiles hold together, and a wrong one says which key to mend."""

from __future__ import annotations

import json
import re
import unicodedata
from importlib import resources
from pathlib import Path
from typing import get_args

import pytest

from geodata.errors import DataError, InputError
from geodata.network.network import MODES
from routes.scenario.edits import close
from routes.scenario.ends.end_text import parse_end
from routes.scenario.keys.place_form import LAYERS
from routes.scenario.keys.profile_form import ChoiceModel, Modes
from routes.scenario.profiles import load_profile, parse_profile, profile_names
from routes.scenario.scenario import Scenario

TEXT = resources.files("routes").joinpath("flows", "cocaine-north.toml").read_text("utf-8")


@pytest.mark.parametrize("name", profile_names())
def test_every_value_of_a_shipped_profile_has_a_source(name):
    profile = load_profile(name)
    assert profile.name == name
    assert sum(origin.demand for origin in profile.origins) == pytest.approx(1.0)
    assert all(profile.sources.values())
    for section in ("modes", "weights", "fees", "choice"):
        assert any(key.startswith(section) for key in profile.sources)


def test_a_profile_and_a_scenario_fit_a_line_of_a_notebook():
    profile = load_profile("migrants-north")
    ends = f"{len(profile.origins)} origins, {len(profile.destinations)} destinations"
    assert repr(profile) == f"<Profile migrants-north: {ends}>"
    scenario = Scenario(profile=profile, slack=0.075, edits=(close("a"), close("b")))
    assert repr(scenario) == "<Scenario migrants-north: slack 7.5%, 2 edits>"
    led = Scenario(profile=profile, slack_hours=2.5, via=("Corinto", "sea"))
    assert repr(led) == "<Scenario migrants-north: slack 2.5 h, 0 edits, via Corinto, sea>"


def test_the_two_flows_of_the_first_slice_are_shipped():
    assert {"cocaine-north", "migrants-north"} <= set(profile_names())


def test_an_unknown_profile_is_answered_with_the_nearest_name():
    with pytest.raises(InputError, match="Did you mean 'cocaine-north'"):
        load_profile("cocain-north")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("rate = 1.3", "rate = -1", "modes.trail.rate"),
        ("rate = 1.3", "rate = nan", "modes.trail.rate"),
        ("rate = 1.3", "rate = true", "modes.trail.rate"),
        ("theta = { value = 1.0", "theta = { value = 0", "choice.theta"),
        ("[choice]", "[choice]\nmodel = 'probit'", "choice.model"),
        ("[fees]", "[fees]\nferry = { hours = 1, source = 'x' }", "fees.ferry"),
        ("mouth = {", "# {", "fees.mouth"),
        ("demand = 0.3", "demand = 0", "demand"),
        ('layer = "airstrip"', 'layer = "helipad"', "origins[1].at"),
        ('layer = "airstrip", admin1', 'layer = "airstrip", parish', "origins[1].at.parish"),
        ('layer = "border", country = "NI"', 'layer = "border"', "origins[2].at.country"),
        ('name = "Mosquitia airstrips"', 'name = "Caribbean approach"', "origins[1].name"),
        ('title = "', 'titel = "', "titel"),
        ("[modes]", "[modes", "profile"),
    ],
)  # fmt: skip
def test_a_wrong_key_is_named(old, new, key):
    assert old in TEXT
    with pytest.raises(DataError) as caught:
        parse_profile(TEXT.replace(old, new, 1))
    assert key in caught.value.field
    assert caught.value.remedy


def placed(at: str) -> str:
    """The text of a profile whose first origin is there."""
    return re.sub(r"at = \{[^}]*\}", lambda _: f"at = {at}", TEXT, count=1)


WRONG_PLACES = [
    ('{ layer = "point", x = "a", y = 15 }', "x", "'a'", "a number"),
    ('{ layer = "point", x = true, y = 15 }', "x", "True", "a number"),
    ('{ layer = "point", x = nan, y = 15 }', "x", "nan", "a finite number"),
    ('{ layer = "point", x = -inf, y = 15 }', "x", "-inf", "a finite number"),
    ('{ layer = "point", x = 2020-01-01, y = 15 }', "x", "2020", "a number"),
    ('{ layer = "point", x = [1], y = 15 }', "x", "[1]", "a number"),
    ('{ layer = "point", x = 1e3, y = 15 }', "x", "1000.0", "at most 360"),
    ('{ layer = "point", x = 1, y = 91 }', "y", "91.0", "at most 90"),
    ('{ layer = "sea", south = -100 }', "south", "-100", "-90 or more"),
    ('{ layer = "point", x = 1 }', "y", "None", "missing"),
    ('{ layer = "point", x = 1, y = 2, z = 3 }', "z", "3", "layer, x, y"),
    ('{ layer = "points", coordinates = "abc" }', "coordinates", "'abc'", "a list"),
    ('{ layer = "points", coordinates = [[1, 2], [3]] }', "coordinates[1]", "[3]", "at least 2"),
    ('{ layer = "points", coordinates = [["a", 2]] }', "coordinates[0][0]", "'a'", "a number"),
    ('{ layer = "points", coordinates = [] }', "coordinates", "[]", "at least 1"),
    ('{ layer = "border", country = ["GT"] }', "country", "['GT']", "a text"),
    ('{ layer = "border", country = "NI", easst = 1 }', "easst", "1", "Did you mean 'east'"),
    ('{ layer = "border", country = "NI", east = "-85" }', "east", "'-85'", "a number"),
    ('{ layer = "place", name = 3 }', "name", "3", "a text"),
    ('{ layer = "place", name = "" }', "name", "''", "not empty"),
    ('{ layer = "place", name = "a\\u0000b" }', "name", "\\x00", "control characters"),
    ('{ layer = "place", name = "a\\nb" }', "name", "\\n", "control characters"),
    ('{ layer = "sea", edge = "norte" }', "edge", "'norte'", "Did you mean 'north'"),
    ('{ layer = "sea", south = 17, north = 15 }', "south", "17", "no more than north, 15"),
    ('{ layer = "border", country = "NI", west = -84, east = -85 }', "west", "-84",
     "no more than east, -85"),
    ('{ layer = "sea", edge = ["east"] }', "edge", "['east']", "one of"),
    ('{ layer = "airstrip", admin1 = { a = 1 } }', "admin1", "{'a': 1}", "a text, or a list"),
    ('{ layer = "airstrip", admin1 = [["HN-GD"]] }', "admin1[0]", "['HN-GD']", "a text"),
    ('{ layer = ["sea"] }', "", "['sea']", "a layer, one of: sea"),
    ('{ layer = { a = 1 } }', "", "{'a': 1}", "a layer, one of: sea"),
    ('{ x = 1 }', "", "{'x': 1.0}", "a layer, one of: sea"),
    ('"sea"', "", "'sea'", "a table with a layer"),
    ('5', "", "5", "a table with a layer"),
]  # fmt: skip


@pytest.mark.parametrize(("at", "key", "value", "words"), WRONG_PLACES)
def test_a_place_of_the_wrong_type_is_told_by_key_value_and_what_is_allowed(at, key, value, words):
    with pytest.raises(DataError) as caught:
        parse_profile(placed(at))
    assert caught.value.field == f"origins[0].at.{key}".rstrip(".")
    assert words in caught.value.remedy
    assert value.replace("1.0", "1") in str(caught.value)
    assert "pydantic" not in str(caught.value) and "http" not in str(caught.value)
    assert "\n" not in str(caught.value)


WRONG_TABLES = [
    ("pairs = 5\n" + TEXT, "pairs", "a list"),
    ("pairs = [5]\n" + TEXT, "pairs[0]", "a table with: origin, destination, demand"),
    ('pairs = [{ origin = "x", destination = "y", demand = 1 }]\n' + TEXT, "pairs[0].origin",
     "Caribbean approach"),
    (TEXT.replace("[[origins]]", "[[origin]]"), "origin", "Did you mean 'origins'"),
    ("origins = 'Tela'\n" + TEXT[: TEXT.index("[[origins]]")]
     + TEXT[TEXT.index("[[destinations]]") :], "origins", "a list"),
    ("origins = ['Tela']\n" + TEXT[: TEXT.index("[[origins]]")]
     + TEXT[TEXT.index("[[destinations]]") :], "origins[0]", "a table with: name"),
    ("origins = []\n" + TEXT[: TEXT.index("[[origins]]")]
     + TEXT[TEXT.index("[[destinations]]") :], "origins", "at least 1"),
    (TEXT.replace("rate = 1.3", "rate = '1.3'"), "modes.trail.rate", "a number"),
    (TEXT.replace("rate = 1.3", "rate = 0x" + "f" * 500), "modes.trail.rate", "number"),
    (TEXT.replace("rate = 1.3", "cost = 1.3"), "modes.trail.cost", "rate, source"),
    (TEXT.replace('source = "unit"', "source = 5"), "modes.transfer.source", "a text"),
    (TEXT.replace('source = "unit"', "source = ''"), "modes.transfer.source", "not empty"),
    (TEXT.replace(', source = "unit"', ""), "modes.transfer.source", "missing"),
    (TEXT.replace('source = "unit"', "source = ' \t '"), "modes.transfer.source", "not empty"),
    (TEXT.replace('name = "cocaine-north"', "name = ' '"), "name", "not empty"),
    (TEXT.replace('name = "cocaine-north"', "name = '\u00a0'"), "name", "not empty"),
    (TEXT.replace("[weights]", "[weight]"), "weight", "Did you mean 'weights'"),
    (TEXT.replace('name = "cocaine-north"', "name = 1979-05-27"), "name", "a text"),
    (TEXT.replace('name = "cocaine-north"', "name = '" + "x" * 300 + "'"), "name", "at most 200"),
    (TEXT.replace("theta = {", "theta = 5 #"), "choice.theta", "a table with: value, source"),
    (TEXT.replace("[choice]", "[choice]\nbest_share = { value = 0.5, source = 'x' }"), "choice",
     "either theta or best_share"),
    ("", "name", "missing"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "field", "words"), WRONG_TABLES)
def test_a_value_of_the_wrong_type_is_told_by_key_value_and_what_is_allowed(text, field, words):
    with pytest.raises(DataError) as caught:
        parse_profile(text)
    assert caught.value.field == field
    assert words in caught.value.remedy
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("model", get_args(ChoiceModel))
def test_a_choice_may_name_its_model(model):
    profile = parse_profile(TEXT.replace("[choice]", f"[choice]\nmodel = '{model}'"))
    assert (profile.model, profile.theta) == (model, 1.0)
    scenario = Scenario(profile=profile)
    assert Scenario.from_record(scenario.record()) == scenario
    # Results of a logit are the same bytes as before there was another.
    assert ("model" in scenario.record()) is (model != "logit")
    assert (profile == load_profile("cocaine-north")) is (model == "logit")


def sharing(*rows: tuple[str, str | list[str], object], before: str = "") -> str:
    """The text of a profile with shares."""
    return (
        TEXT
        + before
        + "".join(
            f'\n[[shares]]\norigin = "{origin}"\ndestination = {destination!r}\nshare = {share}\n'
            'source = "assumption"\n'
            for origin, destination, share in rows
        )
    )


SEA, STRIPS, NORTH, EAST = (
    "Caribbean approach", "Mosquitia airstrips", "Tabasco and Campeche", "Quintana Roo",
)  # fmt: skip
PAIR = f'\n[[pairs]]\norigin = "{SEA}"\ndestination = "{EAST}"\ndemand = 1\n'


@pytest.mark.parametrize(
    ("text", "field", "value", "words"),
    [
        (sharing((SEA, NORTH, 0.6), (SEA, EAST, 0.3)), "shares", 0.9,
         "shares of Caribbean approach add up to; let them add up to 1"),
        (sharing((SEA, NORTH, 1), (STRIPS, EAST, 0.5), (STRIPS, NORTH, 0.6)), "shares", 1.1,
         "shares of Mosquitia airstrips add up to"),
        (sharing((SEA, NORTH, 0.5), (SEA, NORTH, 0.5)), "shares[1].destination", NORTH, "once"),
        (sharing((SEA, "Atlantis", 1)), "shares[0].destination", "Atlantis", "Quintana Roo"),
        (sharing((SEA, [NORTH, "Atlantis"], 1)), "shares[0].destination", "Atlantis", EAST),
        (sharing((SEA, [NORTH, EAST], 0.5), (SEA, EAST, 0.5)), "shares[1].destination", EAST,
         "once"),
        (sharing((SEA, [], 1)), "shares[0].destination", [], "at least 1"),
        (sharing(("Atlantis", EAST, 1)), "shares[0].origin", "Atlantis", SEA),
        (sharing((SEA, NORTH, 0)), "shares[0].share", 0, "from 1e-06 to 1"),
        (sharing((SEA, NORTH, 1.2)), "shares[0].share", 1.2, "from 1e-06 to 1"),
        (sharing((SEA, NORTH, "'all'")), "shares[0].share", "all", "a number"),
        (sharing((SEA, NORTH, 1), before=PAIR), "shares", 1, "Give pairs or shares"),
        (sharing((SEA, NORTH, 1)).removesuffix('source = "assumption"\n'), "shares[0].source",
         None, "missing"),
    ],
)  # fmt: skip
def test_shares_that_do_not_hold_together_are_told_by_key_and_value(text, field, value, words):
    with pytest.raises(DataError) as caught:
        parse_profile(text)
    assert (caught.value.field, caught.value.value) == (field, value)
    assert words in caught.value.remedy


def test_shares_part_the_demand_of_an_origin_and_others_go_anywhere():
    rows = (SEA, [NORTH, EAST], 0.7), (SEA, "Pacific Chiapas", 0.3), (STRIPS, EAST, 1.0)
    profile = parse_profile(sharing(*rows))
    assert profile.sources["shares[2]"] == "assumption"
    demand = {each[:2]: each.demand for each in profile.demands()}
    anywhere = tuple(end.name for end in profile.destinations)
    assert demand == pytest.approx({
        (SEA, (NORTH, EAST)): 0.35, (SEA, ("Pacific Chiapas",)): 0.15, (STRIPS, (EAST,)): 0.3,
        ("Nicaraguan border", anywhere): 0.2,
    })  # fmt: skip
    scenario = Scenario(profile=profile)
    assert Scenario.from_record(json.loads(json.dumps(scenario.record()))) == scenario
    assert "shares" not in Scenario(profile=load_profile("cocaine-north")).record()


@pytest.mark.parametrize(("ends", "share"), [(3, 0.333333), (4, 0.25)])
def test_shares_may_be_rounded_to_six_digits(ends, share):
    names = [end.name for end in parse_profile(TEXT).destinations[:ends]]
    assert len(parse_profile(sharing(*((SEA, name, share) for name in names))).shares) == ends


def test_the_shares_that_the_method_shows_may_be_added_to_a_shipped_profile():
    method = (Path(__file__).parents[3] / "docs" / "method.md").read_text("utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", method, flags=re.DOTALL)
    profile = parse_profile(TEXT + shown)
    assert [each.demand for each in profile.demands()] == pytest.approx([0.1, 0.4, 0.3, 0.2])
    assert profile.shares[0].destinations == ("Guatemala City",)


def test_other_origins_send_the_mean_of_the_shares_and_other_ends_have_none():
    rows = [(SEA, NORTH, 0.7), (SEA, EAST, 0.3), (STRIPS, EAST, 1.0)]
    profile = parse_profile(sharing(*rows, ("Nicaraguan border", NORTH, 1.0)))
    tela, town = (parse_end(text, field="x") for text in ("Tela", "Chiquimula"))
    moved = profile.between([tela])
    assert [each.destinations for each in moved.shares] == [(NORTH,), (EAST,)]
    assert [each.share for each in moved.shares] == pytest.approx([0.55, 0.45])
    assert not any(path.startswith("shares") for path in moved.sources)
    (alone,) = profile.between([tela], [town]).demands()
    assert alone == (tela.name, (town.name,), 1.0)
    assert not profile.between((), [town]).shares
    assert profile.between() == profile


def test_the_form_knows_all_modes_and_layers():
    assert tuple(Modes.model_fields) == MODES
    assert len(set(LAYERS)) == len(LAYERS) == 8


def test_names_may_have_their_accents_behind_their_letters():
    text = placed('{ layer = "port", name = "Puerto Cortés" }')
    apart = parse_profile(unicodedata.normalize("NFD", text))
    assert apart.origins[0].at["name"] == "Puerto Cortés"
    assert apart == parse_profile(text)


def test_an_end_may_be_in_one_district_or_in_several():
    assert parse_profile(placed('{ layer = "port", admin1 = "HN-CR" }')).origins[0].at == {
        "layer": "port", "admin1": "HN-CR"}  # fmt: skip
