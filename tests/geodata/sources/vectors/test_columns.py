"""Values of columns as texts and numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geodata.sources.vectors.columns import text_of


@pytest.mark.parametrize("value", [None, pd.NA, pd.NaT, np.nan, np.float32("nan")])
def test_what_is_missing_has_no_text(value):
    assert text_of(value) == ""


def test_numbers_have_no_useless_decimals():
    assert [text_of(value) for value in (2.0, np.float32(2), 2, 2.5)] == ["2", "2", "2", "2.5"]
