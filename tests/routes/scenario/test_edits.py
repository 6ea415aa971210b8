"""Closing, strengthening, avoiding and passing named things."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from geodata.area.study_area import StudyArea
from geodata.errors import InputError, NoPathError
from routes.router import Router
from routes.scenario.edited_costs import links_of
from routes.scenario.edits import Edit, close, parse_strengthening
from routes.scenario.ends.end_text import parse_end
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario


@pytest.fixture(scope="module")
def router(network):
    return Router(network)


@pytest.fixture(scope="module")
def scenario():
    """San Pedro Sula to Chiquimula: El Florido and the sectors beside it."""
    ends = [[parse_end(t, field="x")] for t in ("San Pedro Sula", "Chiquimula")]
    return Scenario(profile=load_profile("migrants-north").between(*ends), slack=0.1)


@pytest.mark.parametrize(
    ("name", "least"),
    [("Corinto", 1), ("formal:corinto", 1), ("sea", 400_000), ("Sea", 400_000), ("ROAD", 5_000),
     ("HN-GD", 30_000), ("BZ", 30_000), ("Copán", 5_000), ("Limón landing", 5), ("Tela", 50)],
)  # fmt: skip
def test_things_are_found_by_name(network, name, least):
    assert links_of(network, name, field="avoid").sum() >= least


def test_a_zone_of_the_sea_is_told_by_its_edges(network):
    zone = links_of(network, "sea:-87.5,15.7,-85.5,16.2", field="close")
    assert 1000 < zone.sum() < links_of(network, "sea", field="close").sum() / 2
    assert set(network.links["mode"][zone]) == {"sea"}
    west = network.nodes["x"].to_numpy()[network.links["u"][zone]]
    assert west.min() > -87.6 and west.max() < -85.4
    assert parse_strengthening("sea:-87.5,15.7,-85.5,16.2=x2").target.endswith("16.2")


@pytest.mark.parametrize(
    ("zone", "words"),
    [("sea:1,2,3", "west, south, east and north"), ("sea:-85,15,-87,16", "west, south"),
     ("sea:nan,15,-87,16", "west, south"), ("sea:-90.5,14.5,-90.4,14.6", "No sea of borderlands")],
)  # fmt: skip
def test_a_zone_without_sea_or_sense_is_refused(network, zone, words):
    with pytest.raises(InputError, match=words):
        links_of(network, zone, field="close")


@pytest.mark.parametrize(
    ("zone", "closed"),
    [
        ("sea:-179.5,-18,-178,-16", [False, True]),
        ("sea:179,-18,-178,-16", [False, True]),
        ("sea:-180,-20,180,-15", [True, True]),
        ("sea:0,-20,360,-15", [True, True]),
    ],
)
def test_a_zone_of_the_sea_may_lie_across_the_antimeridian(zone, closed):
    area = StudyArea(name="fiji", bbox=(177, -19, 183, -15), countries=("FJ",), neighbours=(),
                     cell_m=2000.0)  # fmt: skip
    isles = SimpleNamespace(
        area=area, nodes=pd.DataFrame({"x": [178.0, 178.5, 181.0], "y": -17.0}),
        links=pd.DataFrame({"u": [0, 1], "v": [1, 2], "mode": "sea"}),
        gateways=pd.DataFrame({"id": [], "name": []}, dtype=str),
    )  # fmt: skip
    assert links_of(isles, zone, field="close").tolist() == closed


def test_an_unknown_thing_is_answered_with_names_like_it(network):
    with pytest.raises(InputError, match="Corinto"):
        links_of(network, "Corintto", field="avoid")


@pytest.mark.parametrize("name", ["Honduras", "-88.03,15.5", "Xyzzy"])
def test_an_unknown_thing_is_answered_with_what_may_be_named(network, name):
    """Countries go by their codes, and nothing that is edited by its coordinates."""
    with pytest.raises(InputError, match="or a country by code: BZ, GT, HN, SV") as caught:
        links_of(network, name, field="close")
    assert "LON,LAT" not in caught.value.remedy


def test_what_is_avoided_is_not_passed(router, scenario):
    free = router.run(scenario)
    first = free.corridors["gateways"].iloc[0].split("; ")[0]
    shut = router.run(replace(scenario, edits=(close(first),)))
    assert first not in set(shut.gateways["id"])
    assert shut.corridors["cost"].min() > free.corridors["cost"].min()


def test_strengthening_moves_flow_elsewhere(router, scenario):
    free = router.run(scenario).gateways.set_index("id")["usage"]
    first = free.index[0]
    edit = Edit(target=first, hours=1.0)
    harder = router.run(replace(scenario, edits=(edit,))).gateways.set_index("id")["usage"]
    assert harder.get(first, 0.0) < free[first]
    assert harder.drop(first, errors="ignore").max() > free.drop(first).max() - 1e-12


@pytest.mark.parametrize("via", ["Santa Rosa de Copán", "Agua Caliente", "Ocotepeque"])
def test_every_path_passes_what_it_must(router, scenario, via):
    free = router.run(scenario)
    led = router.run(replace(scenario, via=(via,)))
    assert led.corridors["cost"].min() >= free.corridors["cost"].min() - 1e-6
    assert led.corridors["usage"].sum() == pytest.approx(1.0, abs=0.05)
    if via == "Agua Caliente":
        assert led.corridors["name"].str.contains(via).all()
    if via == "Ocotepeque":
        assert led.admin.set_index("id").loc["HN-OC", "usage"] == pytest.approx(1.0)


@pytest.mark.parametrize("mode", ["sea", " Sea ", "RIVER"])
def test_every_path_takes_a_mode_that_it_must(router, mode):
    ends = [[parse_end(t, field="x")] for t in ("Tela", "Puerto Barrios")]
    free = Scenario(profile=load_profile("cocaine-north").between(*ends), slack=0.1)
    led = router.run(replace(free, via=(mode,)))
    km = f"km_{mode.strip().lower()}"
    assert (led.corridors[km] > 0).all()
    assert led.corridors["usage"].sum() == pytest.approx(1.0, abs=0.05)
    other = router.run(replace(free, edits=(close(mode),)))
    assert (other.corridors[km] == 0).all()


LAND = load_profile("migrants-north")


@pytest.mark.parametrize(
    ("via", "value", "words"),
    [
        (("sea",), "sea", "from Tela passes it on the way to a destination: leave it out, or"),
        (("road", " Sea "), " Sea ", "passes it after road on the way"),
        (("sea", "road"), "sea", "leave it out, put it elsewhere in the order, or allow"),
    ],
)
def test_what_cannot_be_passed_is_named(router, via, value, words):
    ends = [[parse_end(t, field="x")] for t in ("Tela", "Chiquimula")]
    with pytest.raises(NoPathError) as caught:
        router.run(Scenario(profile=LAND.between(*ends), via=via))
    assert (caught.value.field, caught.value.value) == ("via", value)
    assert words in caught.value.remedy


def shut(**names):
    return tuple(close(name, field=field) for field, each in names.items() for name in each)


@pytest.mark.parametrize(
    ("edits", "field", "value"),
    [
        (shut(avoid=["sea"]), "avoid", "sea"),
        (shut(avoid=["Tela", "Sea"], close=["Corinto"]), "avoid", "Sea"),
        (shut(close=["Corinto", "El Ceibo", "sea"]), "close", "sea"),
    ],
)
def test_what_leaves_an_end_unusable_is_named(router, edits, field, value):
    with pytest.raises(InputError) as caught:
        router.ends(Scenario(profile=load_profile("cocaine-north"), edits=edits))
    assert (caught.value.field, caught.value.value) == (field, value)
    assert caught.value.remedy.startswith("Leave it out, or change from, 'Caribbean approach'. No")
    assert "a place that it reaches by road or trail or river, or allow" in caught.value.remedy


def test_what_is_named_is_told_with_the_end_that_it_concerns(router):
    """Without its country the destination cannot be used; that the origin cannot comes later."""
    profile = load_profile("cocaine-north")
    deep = replace(profile, destinations=(parse_end("Guatemala City", field="to"),))
    with pytest.raises(InputError, match="change to, 'Guatemala City'") as caught:
        router.ends(Scenario(profile=deep, edits=shut(avoid=["GT", "sea"])))
    assert (caught.value.field, caught.value.value) == ("avoid", "GT")


@pytest.mark.parametrize("draw", [False, True])
def test_what_leaves_no_path_is_named(router, draw):
    """From Honduras to Mexico by land, a way leads through Guatemala alone."""
    ends = [[parse_end(t, field="x")] for t in ("San Pedro Sula", "Tapachula")]
    edits = (*shut(avoid=["La Ceiba", "GT"], close=["BZ"]), close("HN-GD"))
    scenario = Scenario(profile=LAND.between(*ends), edits=edits)
    with pytest.raises(NoPathError, match=r"or change from, 'San Ped.*The ") as caught:
        router.flow(scenario, cost=router.cost(scenario.profile) if draw else None)
    assert (caught.value.field, caught.value.value) == ("avoid", "GT")
    with pytest.raises(NoPathError) as caught:
        router.nearness(scenario)
    assert (caught.value.field, caught.value.value) == ("avoid", "GT")
    with pytest.raises(NoPathError) as caught:
        router.run(replace(scenario, via=("Corinto",)))
    assert (caught.value.field, caught.value.value) == ("avoid", "GT")


@pytest.mark.parametrize(
    ("origin", "last", "kind"),
    [("Caribbean approach", "sea", InputError), ("San Pedro Sula", "GT", NoPathError)],
)
def test_what_was_closed_is_looked_up_once_to_be_named(router, monkeypatch, origin, last, kind):
    """Each look-up of a place takes tens of milliseconds, and a question may have 32."""
    names = [*router.network.gateways["name"].drop_duplicates().head(30), last, "BZ"]
    profile = load_profile("cocaine-north") if kind is InputError else LAND
    ends = [parse_end("Tapachula", field="to")]
    starts = profile.origins if kind is InputError else [parse_end(origin, field="from")]
    scenario = Scenario(profile=profile.between(starts, ends), edits=shut(avoid=names))
    calls, checks = [], []

    def counted(*args, **kwargs):
        calls.append(args[1])
        return links_of(*args, **kwargs)

    monkeypatch.setattr("routes.scenario.edited_costs.links_of", counted)
    with pytest.raises(kind) as caught:
        router.run(scenario, check=lambda: checks.append(len(calls)))
    assert (caught.value.field, caught.value.value) == ("avoid", last)
    # Once for the costs, once for the error; and the clock is looked at before each.
    assert len(calls) == 2 * len(names)
    assert set(range(len(calls))) <= set(checks)


def test_an_end_that_is_wrong_without_any_edit_is_named_itself(router):
    ends = [[parse_end(t, field="x")] for t in ("-84.5,16.5", "Chiquimula")]
    with pytest.raises(InputError, match="cannot begin there") as caught:
        router.ends(Scenario(profile=LAND.between(*ends), edits=shut(avoid=["sea", "Corinto"])))
    assert caught.value.field == "from"


def test_a_name_may_have_its_accents_behind_their_letters(router, scenario):
    apart = unicodedata.normalize("NFD", "Santa Rosa de Copán")
    assert close(apart) == close("Santa Rosa de Copán")
    assert replace(scenario, via=(apart,)).record()["via"] == ["Santa Rosa de Copán"]
    assert parse_end(apart, field="from") == parse_end("Santa Rosa de Copán", field="from")
    assert parse_strengthening(f"{apart}=x2", field="x").target == "Santa Rosa de Copán"


def test_slack_in_hours_is_that_share_of_the_best(router, scenario):
    best = router.run(scenario).corridors["cost"].min()
    share = router.run(replace(scenario, slack=0.05))
    hours = router.run(replace(scenario, slack_hours=0.05 * best))
    assert list(share.corridors["id"]) == list(hours.corridors["id"])
    np.testing.assert_allclose(share.corridors["usage"], hours.corridors["usage"], atol=1e-4)


@pytest.mark.parametrize("text", ["Corinto", "Corinto=", "=5", "Corinto=-1", "Corinto=xx", "a=nan"])
def test_a_strengthening_of_another_form_is_refused(text):
    with pytest.raises(InputError, match="NAME=HOURS"):
        parse_strengthening(text, field="strengthen")


def test_a_strengthening_is_hours_or_a_factor():
    assert parse_strengthening("El Florido=4", field="x") == Edit(target="El Florido", hours=4.0)
    assert parse_strengthening("Copán=x1.5", field="x") == Edit(target="Copán", factor=1.5)


def test_an_agreed_share_lies_on_the_best_corridor(router, scenario):
    agreed = replace(scenario.profile, theta=None, best_share=0.6)
    result = router.run(replace(scenario, profile=agreed))
    best = result.corridors.sort_values("cost").iloc[0]
    assert best["usage"] == pytest.approx(0.6, abs=1e-3)


def test_flow_is_conserved_at_every_node_and_follows_demand_by_pair(router):
    profile = load_profile("contraband-west")
    flow, _ = router.flow(Scenario(profile=profile, slack=0.1))
    arcs, n = router.arcs, router.arcs.n
    balance = np.bincount(arcs.head, flow.arc, n) - np.bincount(arcs.tail, flow.arc, n)
    names = router.network.nodes["name"].astype(str).to_numpy()
    moved = np.flatnonzero(np.abs(balance) > 1e-6)
    assert set(names[moved]) == {"Puerto Cortés", "San Pedro Sula", "Chiquimula", "Guatemala City"}
    for name, share in (("Puerto Cortés", -0.6), ("San Pedro Sula", -0.4),
                        ("Chiquimula", 0.3), ("Guatemala City", 0.7)):  # fmt: skip
        at = moved[names[moved] == name]
        assert balance[at].sum() == pytest.approx(share, abs=1e-6)


def test_edits_that_together_go_beyond_what_costs_may_be_are_refused(router, scenario):
    edits = (Edit(target="road", factor=1e3, field="strengthen"),) * 7
    with pytest.raises(InputError, match=r"strengthen.*leave one out"):
        router.check(replace(scenario, edits=edits))
