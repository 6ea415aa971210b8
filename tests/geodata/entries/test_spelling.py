"""One spelling for each text, and the names nearest to one that is misspelt."""

from __future__ import annotations

import time
import unicodedata

import geopandas as gpd
import pandas as pd
import pytest

from geodata.entries.spelling import composed, composed_columns, nearest, suggestion
from geodata.network.store import load_network
from geodata.sources.layers.bundle import Bundle

APART = unicodedata.normalize("NFD", "Danlí")


def test_an_accent_after_its_letter_is_joined_with_it() -> None:
    assert len(APART) == 6
    assert composed(APART) == "Danlí"


@pytest.mark.parametrize("kind", ["str", "category", "object"])
def test_columns_are_composed_and_keep_their_kind(kind: str) -> None:
    frame = pd.DataFrame({"name": pd.Series([APART, "Danlí", None, "Tela"], dtype=kind), "x": 1.0})
    result = composed_columns(frame)
    assert result["name"].dropna().tolist() == ["Danlí", "Danlí", "Tela"]
    assert result["name"].isna().tolist() == [False, False, True, False]
    if kind == "category":
        assert result["name"].cat.categories.tolist() == ["Danlí", "Tela"]


def test_composed_columns_are_left_alone() -> None:
    frame = pd.DataFrame({"name": ["Danlí"], "x": [1.0]})
    assert composed_columns(frame) is frame


def test_a_layer_read_from_a_bundle_is_composed(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Bundle._parsed

    def apart(self: Bundle, *rest: object) -> pd.DataFrame:
        frame = plain(self, *rest)  # type: ignore[arg-type]
        return frame.assign(name=frame["name"].map(lambda t: unicodedata.normalize("NFD", t)))

    monkeypatch.setattr(Bundle, "_parsed", apart)
    assert "Danlí" in set(bundle.frame("places")["name"])


def test_a_network_that_is_read_is_composed(network_dir, monkeypatch: pytest.MonkeyPatch) -> None:
    read = gpd.read_parquet

    def apart(*rest, **more):
        frame = read(*rest, **more)
        if "name" in frame:
            spelt = [unicodedata.normalize("NFD", text) for text in frame["name"].astype(str)]
            frame = frame.assign(name=spelt)
        return frame

    monkeypatch.setattr(gpd, "read_parquet", apart)
    assert "Copán" in set(load_network(network_dir).admin["name"])


def test_the_nearest_name_is_suggested() -> None:
    assert nearest("Corintto", ["Corinto", "Tela"]) == ["Corinto"]
    assert suggestion("slak", ("slack", "limit")) == "Did you mean 'slack'? "
    assert suggestion("zzz", ("slack", "limit")) == ""


def test_a_name_without_end_is_compared_with_none() -> None:
    begun = time.perf_counter()
    assert nearest("a" * 1_000_000, ["a" * 1000] * 100) == []
    assert time.perf_counter() - begun < 0.1
