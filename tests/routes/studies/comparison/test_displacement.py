"""What leaves and what arrives, on two demands that are made up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from geodata.errors import DataError, InputError
from routes.studies.comparison.displacement import Displacement, check_books
from routes.studies.comparison.passage import Passage, Way


def passage(least, north, south):
    """Two demands of a half each, and how much of each passes two gateways."""
    table = np.array([north, south], float)
    ways = {Way(row, (gate,), "end"): table[row, gate] for row in (0, 1) for gate in (0, 1)}
    return Passage(
        origin=["north", "south"], destination=["", ""], share=np.array([0.5, 0.5]),
        known=table.sum(axis=1), least=np.array(least, float), ways=ways,
        passing={"gateways": csr_array(table)},
    )  # fmt: skip


BEFORE = passage([10, 20], [0.4, 0.1], [0.0, 0.5])
AFTER = passage([12, 20], [0.1, 0.4], [0.0, 0.5])


def test_what_one_gateway_loses_another_gains():
    change = Displacement(base=BEFORE, other=AFTER).at("gateways")
    assert change.change == pytest.approx([-0.3, 0.3])
    assert change.deterred == pytest.approx([0, 0])
    # All that passed the first pays two hours more; of the second's flow a sixth does.
    assert change.cost_added == pytest.approx([2.0, 2 * 0.1 / 0.6])
    books = check_books(Displacement(base=BEFORE, other=AFTER), name="closed", off=0.0)
    assert (books.lost, books.gained, books.deterred) == pytest.approx((0.3, 0.3, 0.0))
    assert (books.cost, books.cost_added) == pytest.approx((15.0, 1.0))


def test_elastic_flow_is_deterred_where_its_cost_rises_and_the_books_balance():
    move = Displacement(base=BEFORE, other=AFTER, elasticity=1.5)
    stays = 1.2**-1.5
    assert move.staying == pytest.approx([stays, 1.0])
    change = move.at("gateways")
    assert change.other == pytest.approx([0.1 * stays, 0.4 * stays + 0.5])
    assert change.deterred == pytest.approx([0.4 * (1 - stays), 0.1 * (1 - stays)])
    books = check_books(move, name="closed", off=0.0)
    assert books.deterred == pytest.approx(0.5 * (1 - stays))
    assert books.lost == pytest.approx(books.gained + books.deterred)
    north, south = move.demands()
    assert (north["origin"], north["cost_added"], south["cost_added"]) == ("north", 2.0, 0.0)
    assert (north["deterred"], south["deterred"]) == pytest.approx((books.deterred, 0.0))


def test_lower_costs_draw_flow():
    move = Displacement(base=AFTER, other=BEFORE, elasticity=1.0)
    books = check_books(move, name="open", off=0.0)
    assert books.deterred == pytest.approx(0.5 * (1 - 12 / 10))
    assert books.lost == pytest.approx(books.gained + books.deterred)


def test_flow_that_costs_nothing_stays_and_what_nobody_passed_pays_nothing():
    free = replace(BEFORE, least=np.array([0.0, 20.0]))
    move = Displacement(base=free, other=AFTER, elasticity=2.0)
    assert move.staying == pytest.approx([1.0, 1.0])
    none = passage([10, 20], [0.5, 0.0], [0.5, 0.0])
    assert np.isnan(Displacement(base=none, other=AFTER).at("gateways").cost_added[1])


def test_books_that_do_not_balance_are_an_error_that_says_why():
    lost = passage([12, 20], [0.1, 0.2], [0.0, 0.5])
    with pytest.raises(DataError, match="From north a search came to no end"):
        check_books(Displacement(base=BEFORE, other=lost), name="closed", off=0.0)
    nothing = passage([12, 20], [0.0, 0.0], [0.0, 0.5])
    with pytest.raises(DataError, match="From north a search came to no end"):
        check_books(Displacement(base=nothing, other=nothing), name="closed", off=0.0)
    with pytest.raises(DataError, match=r"1\.0e-03 at a node: this is a fault of Vereda"):
        check_books(Displacement(base=BEFORE, other=AFTER), name="closed", off=1e-3)
    ways = {**AFTER.ways, Way(0, (7,), "end"): 0.01}
    doubled = replace(AFTER, ways=ways)
    with pytest.raises(DataError, match=r"by -1\.0e-02 in all"):
        check_books(Displacement(base=BEFORE, other=doubled), name="closed", off=0.0)


def test_other_demands_and_no_elasticity_are_refused():
    for changes in ({"origin": ["north", "west"]}, {"share": np.array([0.4, 0.6])}):
        with pytest.raises(DataError, match="does not begin at the same places"):
            Displacement(base=BEFORE, other=replace(AFTER, **changes))
    for wrong in (-0.1, np.nan, np.inf):
        with pytest.raises(InputError, match="elasticity"):
            Displacement(base=BEFORE, other=AFTER, elasticity=wrong)
