"""Steps of a build: made once, kept by what they were made from, whole or not at all."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.formats.steps import Steps, code_key

FRAMES = {
    "table": pd.DataFrame({"name": ["a", ""], "year": pd.array([1, None], dtype="Int64")}),
    "shapes": gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(182, -17)], crs="OGC:CRS84"),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_is_made_once_for_one_key(tmp_path, name):
    made = []

    def make():
        made.append(name)
        return FRAMES[name]

    for key, count in (("k", 1), ("k", 1), ("other", 2), ("other", 2)):
        frame = Steps(directory=tmp_path).frame(name, key, make)
        assert len(made) == count
        assert type(frame) is type(FRAMES[name])
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(FRAMES[name]))
    assert len(list(tmp_path.iterdir())) == 1


def test_arrays_come_back_as_they_were(tmp_path):
    arrays = {"a": np.arange(3, dtype=np.int32), "b": np.array([[True], [False]])}
    for steps in (Steps(directory=tmp_path), Steps(directory=tmp_path)):
        kept = steps.arrays("mesh", "k", lambda: arrays)
        assert {name: values.dtype for name, values in kept.items()} == {
            name: values.dtype for name, values in arrays.items()
        }
        assert all((kept[name] == arrays[name]).all() for name in arrays)
    assert steps.kept == ["mesh"] and steps.made == []


def test_what_cannot_be_read_is_made_again(tmp_path):
    Steps(directory=tmp_path).frame("table", "k", lambda: FRAMES["table"])
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:100])
    steps = Steps(directory=tmp_path)
    steps.frame("table", "k", lambda: FRAMES["table"])
    assert steps.made == ["table"]


def test_one_step_does_not_clear_another_of_a_longer_name(tmp_path):
    Steps(directory=tmp_path).frame("places-extra", "k", lambda: FRAMES["table"])
    Steps(directory=tmp_path).frame("places", "k", lambda: FRAMES["table"])
    assert len(list(tmp_path.iterdir())) == 2


def test_nothing_is_kept_without_a_place():
    steps = Steps()
    for _ in range(2):
        steps.frame("table", "k", lambda: FRAMES["table"])
    assert steps.made == ["table", "table"]


def test_what_was_said_of_a_step_is_said_again_when_it_is_kept(tmp_path):
    def read() -> Steps:
        steps = Steps(directory=tmp_path)

        def make() -> pd.DataFrame:
            steps.remarks.append("2 rows are left out")
            return pd.DataFrame({"a": [1]})

        steps.remarks.append("before")
        steps.frame("places", "key", make)
        return steps

    assert [read().remarks, read().remarks] == [["before", "2 rows are left out"]] * 2
    assert read().made == []
    Steps(directory=tmp_path).frame("places", "other key", lambda: pd.DataFrame({"a": [2]}))
    (kept,) = tmp_path.iterdir()
    assert kept.suffix == ".parquet"


def test_what_another_library_made_is_not_kept(monkeypatch):
    own = code_key.__wrapped__()
    assert code_key.__wrapped__() == own
    monkeypatch.setattr("geodata.formats.steps.version", lambda name: f"{name} of tomorrow")
    assert code_key.__wrapped__() != own
