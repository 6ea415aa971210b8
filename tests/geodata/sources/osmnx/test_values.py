"""What attributes of osmnx's graphs say."""

from __future__ import annotations

import numpy as np
import pytest

from geodata.sources.area_file import default_roads
from geodata.sources.osmnx.values import first_text, texts_of, truth_of


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("['primary', 'trunk']", ("primary", "trunk")), ("[1, 2, 1]", ("1", "2")),
        ("[True, False]", ("True", "False")), ("{'50', '50'}", ("50",)), ("[", ("[",)),
        ("[Sin nombre]", ("[Sin nombre]",)), ("(nil)", ("(nil)",)), ("70|100", ("70|100",)),
        (["a", ["b", None]], ("a", "b")), (None, ()), ("None", ()), (float("nan"), ()), ("", ()),
        (50.0, ("50",)), (np.float64(4.5), ("4.5",)), (np.int64(2**40), (str(2**40),)),
        (True, ("True",)), (np.array(["x", "y"]), ("x", "y")),
        ("[" * 5000 + "]", ("[" * 5000 + "]",)),
        ("[{'a': 1}]", ("[{'a': 1}]",)),
    ],
)  # fmt: skip
def test_lists_are_read_also_where_they_are_texts(value: object, texts: tuple[str, ...]) -> None:
    assert texts_of(value) == texts


@pytest.mark.parametrize(
    ("key", "values", "chosen"),
    [
        ("highway", ("trunk", "residential", "primary"), "residential"),
        ("highway", ("proposed", "path"), "proposed"), ("surface", ("asphalt", "mud"), "mud"),
        ("access", ("private", "no", "yes"), "no"), ("maxspeed", ("50", "30"), "50;30"),
        ("tracktype", ("grade2", "grade4"), "grade4"), ("smoothness", ("bad", "good"), "bad"),
        ("ford", ("no", "boat"), "boat"), ("duration", ("00:10", "00:20"), ""),
        ("name", ("North", "South"), "North"),
    ],
)  # fmt: skip
def test_of_several_values_that_counts_which_passes_least(key, values, chosen) -> None:
    assert first_text(key, values, default_roads()) == chosen


def test_truth_is_known_only_where_all_agree() -> None:
    known = [truth_of(values) for values in (("True",), ("no", "False"), ("True", "False"), ())]
    assert known == [True, False, None, None]
