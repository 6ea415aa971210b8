"""Whatever a profile may be, its record is read back as the same scenario."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from fractions import Fraction
from importlib import resources

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geodata.errors import DataError, InputError
from geodata.formats.text.json_file import write_json
from routes.scenario.demand import Endpoint, Pair, Share
from routes.scenario.edits import Edit, close
from routes.scenario.ends.end_text import parse_end
from routes.scenario.keys.place_form import MOST_POINTS
from routes.scenario.keys.profile_form import MOST_IN_ALL
from routes.scenario.profiles import Profile, load_profile, parse_profile
from routes.scenario.scenario import Scenario

PROFILES = resources.files("routes").joinpath("flows")
COCAINE = load_profile("cocaine-north")
ORIGINS, GOALS = ([end.name for end in side] for side in (COCAINE.origins, COCAINE.destinations))


def read_back(scenario: Scenario) -> Scenario:
    """A scenario from its record, as a file in UTF-8 holds it."""
    text = json.dumps(scenario.record(), ensure_ascii=False, allow_nan=False)
    return Scenario.from_record(json.loads(text.encode()))


def same_read_back(profile: Profile, **terms: object) -> Profile:
    """A profile whose record is read back as it is, in memory and from a file."""
    scenario = Scenario(profile=profile, **terms)
    assert read_back(scenario) == Scenario.from_record(scenario.record()) == scenario
    return profile


KINDS = st.sampled_from([float, np.float32, np.float64, Fraction])
COORDINATES = st.tuples(st.integers(-180, 180), st.integers(-90, 90))
POINTS = st.lists(COORDINATES, min_size=1, max_size=3)
LETTERS = st.text("aZé 1,", max_size=4).map(lambda text: unicodedata.normalize("NFD", text))


def numbers(least: float, most: float) -> st.SearchStrategy[object]:
    """Numbers of a range, of several kinds."""
    floats = st.builds(lambda kind, part: kind(least * (most / least) ** part),
                       KINDS, st.floats(0.01, 0.99))  # fmt: skip
    return floats | st.integers(1, 9).map(np.int64) if most > 9 else floats


PLACES = st.one_of(
    COORDINATES.map(lambda xy: {"layer": "point", "x": xy[0], "y": np.float32(xy[1])}),
    POINTS.map(lambda points: {"layer": "points", "coordinates": tuple(points)}),
    POINTS.map(lambda points: {"layer": "points", "coordinates": np.array(points)}),
    LETTERS.map(lambda name: {"layer": "place", "name": f"x{name}"}),
    st.just({"layer": "airstrip", "admin1": ("HN-GD", "HN-CR")}),
    st.just({"layer": "sea", "edge": "east", "south": np.int64(12)}),
)


@st.composite
def ends(draw: st.DrawFn) -> tuple[Endpoint, ...]:
    names = draw(st.lists(LETTERS | st.text(max_size=300), min_size=1, max_size=3, unique=True))
    return tuple(
        Endpoint(name=name, at=draw(PLACES), demand=draw(numbers(1e-30, 1e6)),
                 entry=draw(numbers(1e-6, 1e4)))
        for name in names
    )  # fmt: skip


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """A profile by pairs, by shares, or with flow to the cheapest."""
    origins, goals = draw(ends()), draw(ends())
    starts, there = ([end.name for end in side] for side in (origins, goals))
    groups = st.lists(st.sampled_from(there), min_size=1, unique=True).map(tuple)
    shares: list[Share] = []
    for name in draw(st.sets(st.sampled_from(starts))):
        several = draw(st.lists(groups, min_size=1, max_size=2, unique_by=frozenset))
        first = draw(st.sampled_from([1e-24, 1e-9, 0.25])) if len(several) > 1 else 1
        shares += [Share(origin=name, destinations=names, share=share)
                   for names, share in zip(several, (first, 1 - first), strict=False)]  # fmt: skip
    pair = st.builds(Pair, origin=st.sampled_from(starts), destination=st.sampled_from(there),
                     demand=numbers(1e-30, 1e6))  # fmt: skip
    theta = draw(st.none() | numbers(1e-4, 1e6))
    return replace(
        COCAINE,
        name=draw(LETTERS),
        origins=origins,
        destinations=goals,
        pairs=() if shares else tuple(draw(st.lists(pair, max_size=3))),
        shares=tuple(shares),
        rates={"road": draw(numbers(1e-3, 1e3))},
        theta=theta,
        best_share=draw(numbers(1e-3, 0.999)) if theta is None else None,
    )


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_what_a_profile_may_be_is_read_back_also_between_other_places(data: st.DataObject) -> None:
    try:
        profile = data.draw(profiles())
        moved = profile.between(*(data.draw(st.just(()) | ends()) for _ in range(2)))
    except InputError as error:
        # Names that differ in their spelling only, or one place for two ends.
        assert error.field in ("from", "to") or error.field.endswith(".name")
        assume(False)
    same_read_back(profile, slack=np.float32(0.1), slack_hours=np.int64(2))
    same_read_back(moved)


MIXED = {
    "some of the origins": [(ORIGINS[0], GOALS[:1], 0.5), (ORIGINS[0], GOALS[1:], 0.5)],
    "groups that overlap": [(ORIGINS[0], GOALS[:2], 1.0), (ORIGINS[1], GOALS[:1], 0.4),
                            (ORIGINS[1], GOALS[1:2], 0.6), (ORIGINS[2], GOALS, 1.0)],
    "one group in two orders": [(ORIGINS[0], GOALS[:2], 1.0), (ORIGINS[1], GOALS[1::-1], 1.0)],
}  # fmt: skip


@pytest.mark.parametrize("rows", MIXED.values(), ids=MIXED)
def test_the_mean_of_shares_that_differ_is_read_back(rows) -> None:
    written = "".join(
        f'\n[[shares]]\norigin = "{origin}"\ndestination = {names!r}\nshare = {share}\n'
        'source = "assumption"\n'
        for origin, names, share in rows
    )
    text = (PROFILES / "cocaine-north.toml").read_text("utf-8")
    moved = same_read_back(parse_profile(text + written).between([parse_end("Tela")]))
    groups = [frozenset(each.destinations) for each in moved.shares]
    assert len({*groups}) == len(groups)
    assert sum(each.share for each in moved.shares) == pytest.approx(1)


def shared(*rows: tuple[str, tuple[str, ...], float]) -> dict[str, object]:
    return {"shares": tuple(Share(origin=origin, destinations=names, share=share)
                            for origin, names, share in rows)}  # fmt: skip


A, X, Y = ORIGINS[0], GOALS[0], GOALS[1]
PAIR = Pair(origin=A, destination=X, demand=1)


@pytest.mark.parametrize(
    ("change", "field", "value", "words"),
    [
        (shared(("typo", (X,), 1)), "shares[0].origin", "typo", A),
        (shared((A, ("typo",), 1)), "shares[0].destinations", "typo", X),
        (shared((A, (X,), 0.2)), "shares", 0.2, "add up to 1"),
        (shared((A, (X, X), 1)), "shares[0].destinations", X, "once"),
        (shared((A, (X, Y), 0.5), (A, (Y, X), 0.5)), "shares[1].destinations", f"{Y}, {X}", "once"),
        ({"pairs": (replace(PAIR, origin="typo"),)}, "pairs[0].origin", "typo", A),
        ({"pairs": (replace(PAIR, destination="typo"),)}, "pairs[0].destination", "typo", X),
        ({"pairs": (PAIR,), **shared((A, (X,), 1))}, "shares", 1, "pairs or shares"),
        ({"origins": COCAINE.origins[:1] * 2}, "origins[1].name", A, "its own"),
        ({"origins": ()}, "origins", (), "one at least"),
        ({"destinations": ()}, "destinations", (), "one at least"),
        ({"rates": {}}, "rates", None, "one at least of: road"),
        ({"best_share": 0.5}, "theta", 1.0, "either theta or best_share"),
        ({"sources": None}, "sources", None, "path"),
        ({"sources": {"modes.road": 3}}, "sources.modes.road", 3, "text"),
        ({"name": "\ud800"}, "name", "\ud800", "surrogate"),
    ],
)
def test_a_profile_of_a_notebook_is_held_to_sense(change, field, value, words) -> None:
    with pytest.raises(InputError) as caught:
        replace(COCAINE, **change)
    assert caught.value.field == field
    assert str(caught.value.value) == str(value)
    assert words in caught.value.remedy


@pytest.mark.parametrize(
    ("at", "field", "words"),
    [
        ({"layer": "moon"}, "at", "a layer, one of: sea"),
        ({"country": "HN"}, "at", "a mapping with a layer"),
        ({"layer": "port", "cuontry": "HN"}, "at.cuontry", "Did you mean 'country'"),
        ({"layer": "airstrip", "admin1": (3,)}, "at.admin1[0]", "a text"),
        ({"layer": "point", "x": "a", "y": 1}, "at.x", "a number"),
        ({"layer": "points", "coordinates": np.zeros((2, 3))}, "at.coordinates[0]", "at most 2"),
        ({"layer": "points", "coordinates": ()}, "at.coordinates", "at least 1"),
    ],
)
def test_where_an_end_of_a_notebook_is_must_be_a_place(at, field, words) -> None:
    with pytest.raises(InputError) as caught:
        Endpoint(name="a", at=at)
    assert caught.value.field == f"a.{field}"
    assert words in caught.value.remedy


def test_names_of_a_notebook_may_have_their_accents_behind_their_letters() -> None:
    apart, name = unicodedata.normalize("NFD", "José"), "José"
    end = Endpoint(name=apart, at={"layer": "place", "name": apart})
    assert (end.name, end.at["name"]) == (name, name)
    pair = Pair(origin=apart, destination=apart, demand=1e-8)
    share = Share(origin=apart, destinations=(apart,), share=1)
    assert {pair.origin, pair.destination, share.origin, *share.destinations} == {name}
    profile = replace(COCAINE, origins=(end,), destinations=(replace(end, name="x"),), name=apart)
    assert profile.name == name
    pairs = (replace(pair, destination="x"),)
    same_read_back(
        replace(profile, pairs=pairs), via=(apart,), edits=(Edit(target=apart, hours=1),)
    )


def test_a_file_may_have_more_points_than_a_request() -> None:
    points = np.linspace((-88, 14), (-87, 15), max(MOST_POINTS, MOST_IN_ALL) + 1)
    end = Endpoint(name="points", at={"layer": "points", "coordinates": points})
    assert len(same_read_back(COCAINE.between([end])).origins[0].at["coordinates"]) == len(points)


def test_numbers_are_kept_as_floats_whatever_they_were() -> None:
    rates = {**COCAINE.rates, "road": np.float32(1), "sea": Fraction(9, 5)}
    profile = replace(COCAINE, rates=rates, theta=np.int64(1))
    assert profile.rates == COCAINE.rates and profile.theta == 1
    edit = Edit(target="x", hours=np.int64(6), factor=np.float32(2))
    end = replace(COCAINE.origins[0], demand=np.float32(0.5))
    kept = [*profile.rates.values(), profile.theta, edit.hours, edit.factor, end.demand]
    assert {type(value) for value in kept} == {float}
    with pytest.raises(InputError):
        # Beyond the bound, though not in single precision.
        replace(COCAINE, theta=None, best_share=np.nextafter(np.float32(0.9999), np.float32(1)))


def test_a_share_too_small_to_count_is_no_part_of_a_mean() -> None:
    few, much = (replace(end, demand=demand)
                 for end, demand in zip(COCAINE.origins, (1e-30, 1e6), strict=False))  # fmt: skip
    rows = ((few.name, (X,), 1.0), (much.name, (Y,), 1.0))
    profile = replace(COCAINE, origins=(few, much), **shared(*rows))
    moved = same_read_back(profile.between([parse_end("Tela")]))
    assert [(each.destinations, each.share) for each in moved.shares] == [((Y,), 1.0)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("15.5,-100.25", "did you mean -100.25,15.5?"),
        ("500,600", "at most 360"),
        ("x" * 201, "at most 200 letters"),
        ("a\nb", "control characters"),
    ],
)
def test_a_text_that_is_no_place_is_refused_as_it_was_written(text, words) -> None:
    with pytest.raises(InputError) as caught:
        parse_end(text, field="from")
    assert caught.value.field == "from"
    assert words in caught.value.remedy


def test_a_scenario_survives_its_record(tmp_path):
    edits = (close("Corinto"), Edit(target="El Florido", factor=2.0, hours=4.0))
    profile = load_profile("cocaine-north")
    pair = Pair(origin=profile.origins[0].name, destination=profile.destinations[0].name, demand=1)
    scenario = Scenario(profile=replace(profile, pairs=(pair,)), slack=0.1, slack_hours=3.0,
                        edits=edits, via=("Izabal",))  # fmt: skip
    again = Scenario.from_record(
        json.loads(write_json(scenario.record(), tmp_path / "s.json").read_text())
    )
    assert again == scenario
    with pytest.raises(DataError, match="compute it again"):
        Scenario.from_record({"profile": "x"})


@pytest.mark.parametrize("name", ["slack", "slack_hours", "factor", "hours"])
@pytest.mark.parametrize("value", [10**400, True, "1_0"])
def test_numbers_that_no_float_holds_are_refused_in_records(name: str, value: object) -> None:
    record = Scenario(profile=COCAINE, edits=(close("a bridge"),)).record()
    part = record["edits"][0] if name in ("factor", "hours") else record
    part[name] = value
    with pytest.raises(DataError):
        Scenario.from_record(record)


@pytest.mark.parametrize("name", ["slack", "slack_hours"])
def test_numbers_that_no_float_holds_are_refused_in_calls(name: str) -> None:
    with pytest.raises(InputError, match=name):
        Scenario(profile=COCAINE, **{name: 10**400})
