"""Tables of a made strategy of two actors, whose numbers can be reckoned by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geodata.errors import DataError
from routes.scenario.edits import close
from routes.studies.comparison.displacement import Books
from routes.studies.coordination.actors import Actor
from routes.studies.coordination.burden import Quantity
from routes.studies.coordination.tables import Answers, tables_of

QUANTITIES = [
    *map(Quantity, ("cost_added", "deterred", "longer", "deterred_km")),
    *(
        Quantity(measure, country)
        for measure in ("relieved", "returned")
        for country in ("XA", "XB")
    ),
    *(Quantity(measure, country) for measure in ("usage", "exposure") for country in ("XA", "XB")),
    *(Quantity("km", ground) for ground in ("XA", "XB", "sea")),
]
VALUES = np.array(
    [  # cost deterred longer deterred_km, relieved, returned, usage, exposure, km
        [0, 0, 0, 0, 0, 0, 0, 0, 0.8, 0.4, 8, 4, 80, 40, 10],
        [2, 0, 10, 0, 40, 0, 10, 30, 0.5, 0.7, 5, 7, 50, 70, 20],
        [1, 0, 6, 0, 0, 20, 12, 0, 0.9, 0.2, 9, 2, 92, 20, 24],
        [5, 0, 30, 0, 20, 10, 0, 0, 0.6, 0.3, 6, 3, 60, 30, 70],
    ]
)
ANSWERS = Answers(
    actors=[Actor(name="A", country="XA", edits=(close("a"),)),
            Actor(name="B", country="XB", edits=(close("b"),))],
    elasticities=[0.0], quantities=QUANTITIES, grounds=["XA", "XB", "sea"], values=VALUES[None],
    books=[Books(lost=0.3, gained=0.3, deterred=0.0, cost=9.0, cost_added=c) for c in (0, 2, 1, 5)],
)  # fmt: skip


@pytest.fixture
def tables():
    return tables_of(ANSWERS)


def test_what_one_is_relieved_of_arrives_on_other_grounds(tables):
    moved = tables.displaced.query("actor == 'A' and measure == 'km'").set_index("ground")
    assert moved["gain"].tolist() == [40.0] * 5
    assert moved["moved"].to_dict() == {
        "XA": 10.0, "XB": 30.0, "sea": 10.0, "deterred": 0.0, "longer": -10.0,
    }  # fmt: skip
    assert moved["share"].sum() == pytest.approx(1.0)
    usage = tables.displaced.query("actor == 'A' and measure == 'usage'").iloc[0]
    assert (usage["ground"], usage["share"]) == ("XB", pytest.approx(1.0))


def test_each_gains_or_loses_by_the_others_acting(tables):
    own = tables.spillovers.query("measure == 'km'").set_index("actor")
    assert own.loc["A", ["alone", "by_others", "together"]].tolist() == [-30.0, 12.0, -20.0]
    assert own.loc["B", ["alone", "by_others", "together"]].tolist() == [-20.0, 30.0, -10.0]


def test_coordination_adds_to_the_sum_of_the_parts(tables):
    cost = tables.shapley.query("measure == 'cost_added'").set_index("actor")
    assert cost["value"].to_dict() == {"A": 3.0, "B": 2.0}
    assert cost.loc["A", ["alone", "together", "parts", "added"]].tolist() == [2, 5, 3, 2]


def test_draws_give_intervals_and_signs():
    drawn = np.stack([VALUES * factor for factor in (0.9, 1.0, 1.1)])[:, None]
    tables = tables_of(ANSWERS, drawn)
    assert tables.coalitions["cost_added_low"].tolist() == pytest.approx([0, 1.82, 0.91, 4.55])
    row = tables.displaced.query("actor == 'A' and measure == 'km' and ground == 'XB'").iloc[0]
    assert (row["moved_low"], row["moved_high"]) == pytest.approx((27.3, 32.7))
    assert row["sign_share"] == 1.0
    assert {"change_low", "change_high"} <= set(tables.burdens)
    assert tables.spillovers["by_others_mean"].notna().all()
    valued = tables.shapley.query("measure == 'cost_added' and actor == 'A'").iloc[0]
    assert valued["value_high"] == pytest.approx(3.27)


def test_an_agency_without_ground_has_no_gain_of_its_own():
    actors = [replace(each, country="") for each in ANSWERS.actors]
    tables = tables_of(replace(ANSWERS, actors=actors), np.stack([VALUES, VALUES])[:, None])
    assert len(tables.displaced) == len(tables.spillovers) == 0
    assert len(tables.shapley) == 2 * len(QUANTITIES)


def test_no_gain_has_no_shares(tables):
    values = VALUES.copy()
    values[1] = values[0]
    idle = tables_of(replace(ANSWERS, values=values[None])).displaced
    assert idle.query("actor == 'A' and measure == 'km'")["share"].isna().all()


def test_kilometres_that_arrive_nowhere_are_a_fault():
    values = VALUES.copy()
    values[1, 13] += 0.01
    with pytest.raises(DataError, match="Its books are off by"):
        tables_of(replace(ANSWERS, values=values[None]))
