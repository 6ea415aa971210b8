"""Ends as the command line takes them: each under a name of its own."""

from __future__ import annotations

import pytest

from cli.options.flow_options import read_endpoints
from geodata.errors import InputError
from routes.scenario.profiles import load_profile


@pytest.fixture
def folders(tmp_path):
    for name, x in (("a", -88.0), ("b", -88.1)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "towns.csv").write_text(f"x,y\n{x},15.5\n", "utf-8")
    (tmp_path / "Tela.csv").write_text("x,y\n-87.4,15.7\n", "utf-8")
    return tmp_path


def names(*texts):
    return [end.name for end in read_endpoints([str(text) for text in texts], field="from")]


def test_a_file_is_called_by_its_stem(folders):
    assert names(folders / "a" / "towns.csv", "Tela") == ["towns", "Tela"]


def test_files_of_one_stem_and_a_place_of_that_name_are_told_apart(folders):
    towns = folders / "a" / "towns.csv", folders / "b" / "towns.csv"
    assert names(*towns) == ["a/towns.csv", "b/towns.csv"]
    assert names("Tela", folders / "Tela.csv") == ["Tela", "Tela.csv"]
    both = read_endpoints([str(path) for path in towns], field="from")
    assert len(load_profile("migrants-north").between(both).origins) == 2


def test_a_file_given_twice_is_refused(folders):
    path = folders / "a" / "towns.csv"
    with pytest.raises(InputError, match="given twice"):
        names(path, folders / "b" / ".." / "a" / "towns.csv")
