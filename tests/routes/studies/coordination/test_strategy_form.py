"""Strategy files: what they give, and what is said of what is wrong with them."""

from __future__ import annotations

import pytest

from geodata.entries.forms import read_form
from geodata.errors import DataError, InputError
from routes.studies.coordination.strategy_form import StrategyForm, check_grounds

ACTOR = {"name": "Honduras", "country": "hn", "close": ["Corinto"], "strengthen": ["El Poy=x2"]}


def strategy(**keys):
    return read_form(StrategyForm, {"actor": [ACTOR], **keys}).strategy(name="mine")


def test_keys_of_a_scenario_and_actors_with_edits():
    made = strategy(profile="migrants-north", slack=0.1, avoid=["Agua Caliente"], elasticity=0.5)
    assert (made.name, made.elasticities, made.draws) == ("mine", (0.5,), 0)
    assert [edit.target for edit in made.scenario.edits] == ["Agua Caliente"]
    (actor,) = made.actors
    assert (actor.name, actor.country) == ("Honduras", "HN")
    assert [(each.target, each.factor, each.field) for each in actor.edits] == [
        ("Corinto", float("inf"), "actor[0].close"), ("El Poy", 2.0, "actor[0].strengthen"),
    ]  # fmt: skip
    assert made.record()["actors"][0]["edits"][1]["factor"] == 2.0


def test_draws_and_several_elasticities():
    made = strategy(name="ours", draws=20, seed=4, elasticity=[0, 1.5])
    assert (made.name, made.elasticities, made.draws, made.seed) == ("ours", (0.0, 1.5), 20, 4)


SEVEN = [{**ACTOR, "name": f"actor {number}"} for number in range(7)]
WRONG = {
    "seven": ({"actor": SEVEN}, "actor: 7. At most 6 actors: each coalition"),
    "none": ({"actor": []}, "actor.*at least 1"),
    "twice": ({"actor": [ACTOR, ACTOR]}, r"actor\[1\]\.name.*Another actor has this name"),
    "idle": ({"actor": [{"name": "Idle"}]}, r"actor\[0\]\.name.*has no measures"),
    "nobody": ({"actor": [{**ACTOR, "name": "nobody"}]}, "without actors is called"),
    "key": ({"actor": [{**ACTOR, "shut": []}]}, r"actor\[0\]\.shut.*Allowed here: name, country"),
    "elasticity": ({"elasticity": [0.0, -1]}, r"elasticity\[1\].*0 or more"),
    "same": ({"elasticity": [0.5, 0.5]}, r"elasticity\[1\].*given twice"),
    "word": ({"elasticity": "high"}, "elasticity.*Give a list"),
    "one draw": ({"draws": 1}, "draws.*two at least"),
    "amount": ({"actor": [{**ACTOR, "strengthen": ["El Poy=much"]}]},
               r"actor\[0\]\.strengthen.*Give NAME=HOURS"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_with_what_is_allowed(name):
    keys, message = WRONG[name]
    with pytest.raises((DataError, InputError), match=message):
        strategy(**keys)


def test_an_actor_of_no_country_of_the_network_is_refused():
    check_grounds(strategy(), ["GT", "HN"])
    with pytest.raises(InputError, match=r"actor\[0\]\.country.*Give one of GT, SV"):
        check_grounds(strategy(), ["GT", "SV"])
