"""Corridors of the shipped flows on the bundled region."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from geodata.errors import InputError, NoPathError
from routes.router import Router
from routes.scenario.demand import Share
from routes.scenario.edits import close, parse_strengthening
from routes.scenario.ends.end_text import parse_end
from routes.scenario.profiles import load_profile, parse_profile
from routes.scenario.scenario import Scenario

MIGRANTS = load_profile("migrants-north")


@pytest.fixture(scope="module")
def router(network):
    return Router(network)


@pytest.fixture(scope="module")
def cocaine(router):
    return router.run(Scenario(profile=load_profile("cocaine-north")))


def between(router, origin, destination, *, profile="migrants-north", slack=0.1):
    ends = [[parse_end(text, field=field)] for text, field in
            ((origin, "--from"), (destination, "--to"))]  # fmt: skip
    return router.run(Scenario(profile=load_profile(profile).between(*ends), slack=slack))


def test_cocaine_runs_by_sea_and_land_through_several_corridors(cocaine):
    corridors = cocaine.corridors
    assert len(corridors) >= 4
    assert corridors["usage"].is_monotonic_decreasing
    assert corridors["usage"].sum() == pytest.approx(cocaine.provenance["usage_listed"])
    assert 0.7 < corridors["usage"].sum() <= 1
    both = corridors[(corridors["km_sea"] > 10) & (corridors["km_road"] > 10)]
    assert len(both)
    assert corridors["id"].is_unique and corridors["name"].is_unique
    parts = corridors[["km_road", "km_trail", "km_river", "km_sea"]].sum(axis=1)
    assert (parts <= corridors["km"] + 1e-6).all() and (parts > 0.97 * corridors["km"]).all()


def test_a_band_holds_the_ways_around_the_best_path(cocaine):
    bands, corridors = cocaine.bands.set_index("id"), cocaine.corridors.set_index("id")
    assert len(bands) > 10 and set(bands.index) <= set(corridors.index)
    for identity, band in bands.head(5).iterrows():
        ways, along = band.geometry, np.linspace(0, 1, 500)
        shapely.prepare(ways)
        points = shapely.line_interpolate_point(
            corridors.geometry[identity], along, normalized=True
        )
        assert shapely.dwithin(ways, points, 0.03).mean() > 0.98
        assert band["links"] > 100


def test_a_corridor_line_is_one_way_from_origin_to_border(cocaine):
    lines = cocaine.corridors.geometry
    assert (lines.geom_type == "LineString").all()
    drawn = lines.to_crs(cocaine.area.crs).length / 1000
    # Schematic roads are drawn straighter than they are; nothing is drawn longer.
    assert (drawn <= cocaine.corridors["km"] * 1.01).all()
    assert (drawn > 0.6 * cocaine.corridors["km"]).all()


def test_all_flow_arrives_in_mexico(router):
    flow, _ = router.flow(Scenario(profile=load_profile("migrants-north")))
    links = router.network.links
    country = router.network.nodes["country"].astype(str).to_numpy()
    crossing = (links["crossing"] != "").to_numpy()
    mexican = (country[links["u"]] == "MX") | (country[links["v"]] == "MX")
    assert flow.link[crossing & mexican].sum() == pytest.approx(1.0, abs=1e-6)


def test_usage_of_gateways_to_mexico_adds_up_to_all_flow(cocaine):
    gateways = cocaine.gateways
    last = gateways[(gateways["country_a"] == "MX") | (gateways["country_b"] == "MX")]
    assert last["usage"].sum() == pytest.approx(1.0, abs=1e-9)
    assert gateways["usage"].between(0, 1 + 1e-9).all()


def test_density_and_exposure_are_where_flow_is(cocaine):
    assert cocaine.density.shape == cocaine.area.shape
    assert cocaine.density.min() == 0 and 0.3 < cocaine.density.max() < 2.5
    admin = cocaine.admin.set_index("id")
    assert admin.loc["HN-CR", "usage"] > 0.5
    assert (admin["exposure"][admin["usage"] == 0] == 0).all()
    assert len(admin) == 60


def test_nearness_is_of_all_where_flow_is_and_where_none_is(cocaine, router):
    result, network = cocaine, router.network
    near = result.near_gateways
    for table in (result.segments, result.gateways, near, result.admin, result.places):
        assert table["nearness"].between(0, 1).all()
        far = table["nearness"] == 0
        assert (table["premium"].isna() == far).all() and (table["premium"].dropna() >= 0).all()
        # The mean over origins is no more than that of the one which comes nearest.
        assert (table["nearness"] <= np.exp(-8 * table["premium"].fillna(np.inf)) + 1e-9).all()
    on_best = result.segments["slack"] < 1e-6
    assert (result.segments["premium"][on_best] < 1e-4).all(), "of a small origin as well"
    assert set(result.gateways["id"]) < set(near["id"]) and near["nearness"].gt(0).all()
    assert near["nearness"].is_monotonic_decreasing and (near["usage"] == 0).sum() > 10
    assert len(result.places) == (network.nodes["kind"] == "place").sum() > 1000
    assert result.places["nearness"].is_monotonic_decreasing
    assert result.nearness.shape == result.area.shape
    row, column = result.area.cell_of(result.places.geometry.x, result.places.geometry.y)
    assert (result.nearness[row, column] >= result.places["nearness"] - 1e-6).all()
    admin = result.admin
    assert ((admin["usage"] == 0) & (admin["nearness"] > 0.05)).any(), "near, though without flow"
    assert (admin["nearness"][admin["usage"] > 0.5] > 0.5).all()
    assert result.provenance["nearness"]["k"] == 8 and "source" in result.provenance["nearness"]


def test_the_same_scenario_gives_the_same_answer(router, cocaine):
    again = router.run(Scenario(profile=load_profile("cocaine-north")))
    np.testing.assert_array_equal(again.density, cocaine.density)
    assert again.corridors.equals(cocaine.corridors)
    assert again.provenance == cocaine.provenance


def test_usage_is_also_told_by_pair_of_ends(router):
    result = router.run(Scenario(profile=load_profile("contraband-west")))
    pairs: dict[tuple[str, str], float] = {}
    for row in result.provenance["pairs"]:
        key = (row["origin"], row["destination"])
        pairs[key] = pairs.get(key, 0.0) + row["usage"]
    assert pairs["Puerto Cortés", "Guatemala City"] == pytest.approx(0.5, abs=0.03)
    assert len(pairs) == 4 and sum(pairs.values()) == pytest.approx(1.0, abs=0.05)


@pytest.fixture(scope="module")
def markets(router):
    """A flow to two markets in Guatemala by share, and its answer."""
    ends = [parse_end(text, field="to") for text in ("Chiquimula", "Guatemala City")]
    profile = MIGRANTS.between([parse_end("San Pedro Sula", field="from")], ends)
    (origin,) = profile.origins
    shares = tuple(
        Share(origin=origin.name, destinations=(end.name,), share=share)
        for end, share in zip(ends, (0.25, 0.75), strict=True)
    )
    scenario = Scenario(profile=replace(profile, shares=shares), slack=0.05)
    return scenario, router.run(scenario)


def test_every_market_gets_its_share_though_one_is_nearer(router, markets):
    scenario, result = markets
    pairs: dict[str, float] = {}
    for row in result.provenance["pairs"]:
        pairs[row["destination"]] = pairs.get(row["destination"], 0.0) + row["usage"]
    assert pairs == pytest.approx({"Chiquimula": 0.25, "Guatemala City": 0.75}, abs=0.03)
    flow, _ = router.flow(scenario)
    arcs, n = router.arcs, router.arcs.n
    sent = np.bincount(arcs.tail, flow.arc, n) - np.bincount(arcs.head, flow.arc, n)
    used = np.flatnonzero(np.abs(sent) > 1e-9)
    assert sorted(sent[used].tolist()) == pytest.approx([-0.75, -0.25, 1.0])
    nearest = router.brief(replace(scenario, profile=replace(scenario.profile, shares=())))
    assert {row["destination"] for row in nearest.provenance["pairs"]} == {"Chiquimula"}


def test_nearness_is_the_mean_over_markets_by_their_shares(router, markets):
    scenario, _ = markets
    near = router.nearness(scenario).node
    expected, premium = np.zeros(len(near.nearness)), np.full(len(near.nearness), np.inf)
    for end, share in zip(scenario.profile.destinations, (0.25, 0.75), strict=True):
        alone = scenario.profile.between((), (end,))
        one = router.nearness(replace(scenario, profile=alone)).node
        expected += share * one.nearness
        premium = np.minimum(premium, one.premium)
    np.testing.assert_allclose(near.nearness, expected, atol=1e-12)
    np.testing.assert_array_equal(near.premium, premium)


def test_provenance_names_inputs_parameters_and_version(cocaine):
    record = cocaine.provenance
    assert record["vereda"] and len(record["network"]) == 64
    assert record["scenario"]["theta"] > 0
    assert {"layer", "licence", "attribution", "sha256"} <= set(record["inputs"][0])
    assert "not a probability" in record["reading"]


def test_corridors_between_two_towns_use_roads_people_know(router):
    result = between(router, "San Pedro Sula", "Chiquimula")
    first = result.corridors.iloc[0]
    assert 200 < first["km"] < 330
    assert first["countries"] == "HN GT"
    assert {"El Florido", "Agua Caliente"} & set(result.gateways["name"])


def test_more_slack_never_narrows_the_band(router):
    narrow = between(router, "Tela", "Cobán", slack=0.02)
    wide = between(router, "Tela", "Cobán", slack=0.2)
    assert len(wide.corridors) >= len(narrow.corridors)
    assert wide.corridors["slack"].max() <= 0.2


@pytest.mark.parametrize("slack", [-0.1, 1.5, float("nan")])
def test_a_slack_out_of_range_is_refused(router, slack):
    with pytest.raises(InputError, match="slack"):
        between(router, "Tela", "Cobán", slack=slack)


def test_an_origin_that_is_the_destination_is_refused(router):
    with pytest.raises(InputError, match="choose two places apart"):
        between(router, "Tela", "Tela")


def test_no_path_is_said_plainly(router):
    with pytest.raises(NoPathError, match="joined to the rest only by mode"):
        between(router, "Coxen Hole", "Tela")


SULA = MIGRANTS.between(
    [parse_end("San Pedro Sula", field="from")], [parse_end("Chiquimula", field="to")]
)
NOTHING = replace(
    SULA, rates=dict.fromkeys(SULA.rates, 0.0), fees=dict.fromkeys(SULA.fees, 0.0), theta=None,
    best_share=0.6,
)  # fmt: skip


@pytest.mark.trials
@pytest.mark.parametrize(
    ("profile", "edit"),
    [
        (replace(MIGRANTS, rates={**MIGRANTS.rates, "transfer": 0.0}), None),
        (MIGRANTS, "HN-CP=x0"),
        (MIGRANTS, "HN-CP=x0.001"),
        (MIGRANTS, "road=x0"),
        (SULA, "road=x0"),
        (NOTHING, None),
    ],
    ids=["transfer", "district", "tiny", "road", "trip", "nothing"],
)
def test_ways_that_cost_nothing_carry_their_flow(router, profile, edit):
    edits = (parse_strengthening(edit, field="strengthen"),) if edit else ()
    scenario = Scenario(profile=profile, edits=edits, slack=0.1)
    flow, _ = router.flow(scenario)
    arcs, n = router.arcs, router.arcs.n
    sent = np.bincount(arcs.tail, flow.arc, n) - np.bincount(arcs.head, flow.arc, n)
    assert sent[sent > 0].sum() == pytest.approx(1.0, abs=1e-9)
    result, brief = router.run(scenario), router.brief(scenario)
    assert result.corridors.drop(columns="geometry").equals(
        brief.corridors.drop(columns="geometry")
    )
    assert np.isfinite(result.corridors[["usage", "cost", "slack"]]).all(axis=None)
    assert len(result.segments) > 100 and result.segments["slack"].between(0, 0.1).all()
    assert len(result.bands) and result.density.sum() > 50


COCAINE = load_profile("cocaine-north")


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: Scenario(profile="cocaine-north"), "profile: 'cocaine-north'. Give a profile,"),
        (lambda: Scenario(profile=COCAINE, slack="0.1"), "slack: '0.1'. Give a share"),
        (lambda: Scenario(profile=COCAINE, slack=True), "slack: True. Give a share"),
        (lambda: Scenario(profile=COCAINE, slack_hours="3"), "slack_hours: '3'. Give hours"),
        (lambda: Scenario(profile=COCAINE, edits=close("x")), "edits: <class"),
        (lambda: Scenario(profile=COCAINE, edits=("x",)), "edits: 'x'. Give edits in a tuple"),
        (lambda: Scenario(profile=COCAINE, via="Corinto"), "via: 'Corinto'. Give names in a tuple"),
        (lambda: Scenario(profile=COCAINE, via=None), "via: None. Give names in a tuple"),
        (lambda: COCAINE.between("Tela"), "from: 'Tela'. Give endpoints in a list"),
        (lambda: COCAINE.between((), ["Tela"]), "to: 'Tela'. Give endpoints in a list"),
        (lambda: load_profile(Path("mine.toml")), "parse_profile reads one of your own"),
        (lambda: load_profile(None), "profile: None. Give one of: cocaine-north"),
        (lambda: parse_profile(Path("mine.toml")), "Give the text of a TOML file"),
        (lambda: parse_end(3), "end: 3. Give LON,LAT"),
        (lambda: close(3), "edit: 3. Give one name or id"),
        (lambda: close(["Corinto"]), "edit: <class 'list'>. Give one name or id"),
    ],
)
def test_a_notebook_that_hands_in_another_kind_is_told_in_one_line(ask, message):
    with pytest.raises(InputError) as raised:
        ask()
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_numbers_of_numpy_and_edits_of_any_sequence_will_do():
    edits = (close(name) for name in ("a bridge", "a ford"))
    scenario = Scenario(profile=COCAINE, slack=np.float32(0.5), edits=edits)
    assert [edit.target for edit in scenario.edits] == ["a bridge", "a ford"]
    assert len(scenario.edits) == 2
