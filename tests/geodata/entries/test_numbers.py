"""Numbers as users write them, by one rule."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from geodata.entries.numbers import as_float


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("-88.5", -88.5),
        (" -88,5 ", -88.5),
        ("\N{MINUS SIGN}88.5", -88.5),
        (",5", 0.5),
        ("1e2", 100.0),
        (7, 7.0),
        (np.int64(7), 7.0),
        (np.float32(0.5), 0.5),
        (Fraction(1, 4), 0.25),
    ],
)
def test_numbers_of_many_hands(value: object, number: float) -> None:
    assert as_float(value) == number


@pytest.mark.parametrize(
    "value", [True, np.True_, None, [1], "1_0", "", "nan", "inf", "1.000,5", "0x1", 10**400]
)
def test_what_is_no_number_is_a_value_error(value: object) -> None:
    with pytest.raises(ValueError, match=r".*"):
        as_float(value)
