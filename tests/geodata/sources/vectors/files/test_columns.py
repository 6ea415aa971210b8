"""Values of columns as texts and numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geodata.errors import DataError
from geodata.sources.area_file import Layer
from geodata.sources.layers.schema import SCHEMAS
from geodata.sources.userfiles import UserLayer
from geodata.sources.vectors.files.columns import canonical_rows, text_of


@pytest.mark.parametrize("value", [None, pd.NA, pd.NaT, np.nan, np.float32("nan")])
def test_what_is_missing_has_no_text(value):
    assert text_of(value) == ""


def test_numbers_have_no_useless_decimals():
    assert [text_of(value) for value in (2.0, np.float32(2), 2, 2.5)] == ["2", "2", "2", "2.5"]


def two_places(heading, ids) -> UserLayer:
    columns = [(heading, ids), ("name", ["A", "B"]), ("population", [5, 6])]
    return UserLayer(name="a", rows=["1", "2"], shapes=np.full(2, None), columns=columns)


@pytest.mark.parametrize(
    ("ids", "numbers"),
    [
        (["node/12", "way/7"], [1, 2]), (["12", ""], [1, 2]), ([1.5, 7], [1, 2]),
        ([2**60, 7], [1, 2]), (["12", "7"], [12, 7]), ([12.0, 7.0], [12, 7]),
    ],
)  # fmt: skip
def test_rows_whose_ids_are_no_numbers_are_numbered(ids, numbers):
    """overpass-turbo calls a place node/12 in a column @id."""
    layer = Layer(role="places", path=("a.geojson",))
    read, kept = canonical_rows(layer, two_places("@id", ids), SCHEMAS["places"])
    assert read["id"].tolist() == numbers and kept.all()


@pytest.mark.parametrize("ids", [["12", "node/7"], ["12", ""], [12, 1.5]])
def test_ids_that_the_layer_names_are_numbers(ids):
    layer = Layer(role="places", path=("a.geojson",), rename={"id": "codigo"})
    with pytest.raises(DataError, match=r"2.*id.*(number|Give)"):
        canonical_rows(layer, two_places("codigo", ids), SCHEMAS["places"])


@pytest.mark.parametrize("country", ["XA", "Xa land"])
def test_a_crossing_that_its_class_leaves_out_is_not_checked(country):
    rows = UserLayer(
        name="gates.csv",
        rows=["line 2", "line 3"],
        columns=[
            ("kind", ["open", "closed"]),
            ("country_a", ["XA", "XA"]),
            ("country_b", ["XB", country]),
        ],
        shapes=np.array([None, None], object),
    )
    schema = {"kind": "str", "country_a": "str", "country_b": "str"}
    layer = Layer(role="crossings", path=("gates.csv",), classes={"closed": "", "open": "formal"})
    columns, kept = canonical_rows(layer, rows, schema)
    assert list(kept) == [True, False] and list(columns["country_b"]) == ["XB", country]
    layer = Layer(role="crossings", path=("gates.csv",))
    with pytest.raises(DataError, match="country_b"):
        canonical_rows(layer, rows, schema)
