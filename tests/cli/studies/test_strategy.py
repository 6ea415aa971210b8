"""``vereda strategy`` from end to end, on one short trip and on files that are wrong."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner

from cli.main import vereda
from cli.options.flow_file import FlowFile
from cli.studies.strategy import _read
from geodata.errors import DataError
from geodata.formats.files.store import sha256
from geodata.publication.strategies import STRATEGY

TRIP = """\
name = "Two on a border"
profile = "migrants-north"
from = ["San Pedro Sula"]
to = ["Chiquimula"]
slack = 0.1
elasticity = [0.0, 0.5]

[[actor]]
name = "Guatemala"
country = "GT"
strengthen = ["GT-ZA=x1.5", "GT-CQ=x1.5"]

[[actor]]
name = "Honduras"
country = "HN"
close = ["El Florido"]
"""
EXAMPLES = Path(__file__).parents[3] / "examples" / "strategies"


@pytest.fixture(scope="module")
def written(network_dir, tmp_path_factory):
    """What the command printed, and the directory it wrote."""
    home = tmp_path_factory.mktemp("strategy")
    (home / "trip.toml").write_text(TRIP, encoding="utf-8")
    words = ["strategy", home / "trip.toml", "--network", network_dir, "--output", home / "moved"]
    done = CliRunner().invoke(vereda, list(map(str, words)), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output, home / "moved"


def test_the_answer_in_words(written):
    printed, _ = written
    assert "Two on a border" in printed and "Elasticity 0.5" in printed
    assert "Guatemala alone relieves districts of GT of" in printed and "Shapley values" in printed
    assert "Guatemala + Honduras" in printed and "when Honduras acts alone" in printed


def test_tables_layers_and_record_say_the_same(written):
    _, home = written
    assert {path.name for path in home.iterdir()} == set(STRATEGY.files)
    record = json.loads((home / "strategy.json").read_text())
    assert {name: sha256(home / name) for name in record["files"]} == record["files"]
    assert record["strategy"]["elasticities"] == [0.0, 0.5] and record["network"]
    for name in ("coalitions", "burdens", "displaced", "spillovers", "shapley"):
        assert len(pd.read_csv(home / f"{name}.csv")) == len(record[name]) > 0
    layer = "gateways of Guatemala + Honduras"
    packed = gpd.read_file(home / "changes.gpkg", layer=layer)
    closed = packed.set_index("id").loc["formal:el-florido"]
    assert closed["other"] == 0 and closed["change"] < 0
    with closing(sqlite3.connect(home / "changes.gpkg")) as store:
        styled = store.execute("SELECT f_table_name, useAsDefault FROM layer_styles").fetchall()
    assert (layer, 1) in styled and len(styled) == 3 * 4


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir()))
def test_the_examples_can_be_read(name):
    strategy, _ = _read(FlowFile(EXAMPLES / name, field="strategy"), Path("network"))
    assert strategy.elasticities == (0.0, 0.5, 1.0) and strategy.actors


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("slack = 0.1", "slak = 0.1", r"trip\.toml, line 5: slak.*Did you mean 'slack'"),
        ("x1.5", "x-1", r"trip\.toml, line 11: actor\[0\]\.strengthen.*Give NAME=HOURS"),
        ('"Honduras"', '"Guatemala"', r"line 14: actor\[1\]\.name.*Another actor"),
        ("[0.0, 0.5]", '"some"', "line 6: elasticity.*Give a list"),
        ("[[actor]]", "[[actors]]", "actors.*Allowed here: .*actor"),
        ('"migrants-north"', '"migrants"', "line 2: profile"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_told_with_its_line(tmp_path, old, new, message):
    (tmp_path / "trip.toml").write_text(TRIP.replace(old, new, 2), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        _read(FlowFile(tmp_path / "trip.toml", field="strategy"), Path("network"))


def test_names_of_nothing_are_told_with_their_line(network_dir, tmp_path):
    file = tmp_path / "trip.toml"
    words = list(map(str, ("strategy", file, "--network", network_dir)))
    for old, new, message in (
        ("El Florido", "El Florito", r"line 16: actor\[1\]\.close"),
        ('"HN"', '"XX"', r"line 15: actor\[1\]\.country.*Give one of BZ, GT, HN, SV"),
    ):
        file.write_text(TRIP.replace(old, new), encoding="utf-8")
        with pytest.raises(DataError, match=message):
            CliRunner().invoke(vereda, words, catch_exceptions=False)
