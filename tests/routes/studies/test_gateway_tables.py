"""What closures and cuts say of gateways, as frames with points."""

from __future__ import annotations

import numpy as np

from routes.studies.closures import Closure
from routes.studies.cuts import Cut
from routes.studies.gateway_tables import CLOSURE_COLUMNS, CUT_COLUMNS, closure_table, cut_table


def closure(gateway: int, *gains: int) -> Closure:
    return Closure(gateway=gateway, usage=0.5, lost=0.1, added=1.5, cut=0.0,
                   gains=tuple((row, 0.1) for row in gains))  # fmt: skip


def test_a_closure_names_its_gateway_and_those_that_gain_most(network) -> None:
    names = network.gateways["name"].tolist()
    table = closure_table(network, [closure(7, 3, 1, 4, 9), closure(2)])
    assert table.columns.tolist() == [*CLOSURE_COLUMNS, "geometry"]
    assert table["id"].tolist() == network.gateways["id"].iloc[[7, 2]].tolist()
    assert table["gaining"].tolist() == ["; ".join(names[row] for row in (3, 1, 4)), ""]
    assert table["added"].tolist() == [1.5, 1.5]
    assert table.geometry.tolist() == network.gateways.geometry.iloc[[7, 2]].tolist()
    assert table.crs == network.gateways.crs and table.index.tolist() == [0, 1]


def test_a_cut_has_a_row_a_gateway_and_none_where_nothing_cuts(network) -> None:
    cuts = [
        Cut(slack=0.0, gateways=(5,), weight=1.0),
        Cut(slack=0.1, gateways=(2, 8), weight=2.0),
        Cut(slack=0.3, gateways=None, weight=np.inf),
    ]
    table = cut_table(network, cuts)
    assert table.columns.tolist() == [*CUT_COLUMNS, "geometry"]
    assert table["id"].tolist() == network.gateways["id"].iloc[[5, 2, 8]].tolist()
    assert table[["slack", "size"]].to_numpy().tolist() == [[0.0, 1], [0.1, 2], [0.1, 2]]
    empty = cut_table(network, cuts[2:])
    assert len(empty) == 0 and empty.columns.tolist() == table.columns.tolist()
