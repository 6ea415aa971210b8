"""``vereda compare`` from end to end, on results of one short trip."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from cli.main import vereda
from cli.studies.compare import _named, _targets
from geodata.errors import DataError, InputError
from geodata.formats.files.store import sha256
from geodata.formats.text.json_file import write_json
from geodata.publication.comparisons import COMPARISON
from routes.router import Router
from routes.scenario.edits import close
from routes.scenario.ends.end_text import parse_end
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario

LAYERS = ("segments", "gateways", "sectors", "admin", "countries")


@pytest.fixture(scope="module")
def results(network, tmp_path_factory) -> Path:
    """Records of results, which is all that is read of them: a trip, a crossing closed, another."""
    router, home = Router(network), tmp_path_factory.mktemp("results")
    ends = [[parse_end(t, field="x")] for t in ("San Pedro Sula", "Chiquimula")]
    base = Scenario(profile=load_profile("migrants-north").between(*ends), slack=0.1)
    first = router.brief(base).gateways["id"].iloc[0]
    elsewhere = replace(base, profile=base.profile.between([parse_end("Tela", field="x")], ()))
    scenarios = {"base": base, "closed": replace(base, edits=(close(first),)), "tela": elsewhere}
    for name, scenario in scenarios.items():
        (home / name).mkdir()
        write_json(router.brief(scenario).provenance, home / name / "result.json")
    return home


@pytest.fixture
def compare(results, network_dir):
    """Call the command on some of them."""

    def call(*words: object, base: str = "base", other: str = "closed") -> str:
        arguments = ["-q", "--json", "compare", results / base, results / other, "--network",
                     network_dir, *words]  # fmt: skip
        done = CliRunner().invoke(vereda, list(map(str, arguments)), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return call


def test_files_tables_and_map_say_the_same(compare, tmp_path):
    report = json.loads(compare("--output", tmp_path / "moved", "--draws", 2))["others"]["closed"]
    home = tmp_path / "moved"
    assert {path.name for path in home.iterdir()} == set(COMPARISON.files)
    record = json.loads((home / "comparison.json").read_text())
    assert record["books"] == report["books"] and record["differs_in"] == ["edits"]
    assert (record["draws"]["draws"], record["draws"]["seed"]) == (2, 1)
    assert {name: sha256(home / name) for name in record["files"]} == record["files"]
    for name in LAYERS:
        rows, features = pd.read_csv(home / f"{name}.csv"), gpd.read_file(home / f"{name}.geojson")
        packed = gpd.read_file(home / "comparison.gpkg", layer=name)
        for table in (features, packed):
            assert table["id"].tolist() == rows["id"].tolist()
            assert np.allclose(table["change"], rows["change"], atol=1e-9)
        assert np.allclose(rows["lost"] - rows["gained"], -rows["change"])
        assert {"change_mean", "change_low", "change_high", "sign_share"} <= set(rows)
    with closing(sqlite3.connect(home / "comparison.gpkg")) as store:
        styled = store.execute("SELECT f_table_name, useAsDefault FROM layer_styles").fetchall()
    assert sorted(styled) == sorted((name, 1) for name in LAYERS)
    with Image.open(home / "map.png") as picture:
        assert picture.width == 2400
        colours = {tuple(pixel) for _, pixel in picture.convert("RGB").getcolors(1 << 24)}
    assert {(0x0B, 0x3A, 0x75), (0x6B, 0x0A, 0x1C)} <= colours, "what loses, and what gains"


def test_what_leaves_arrives_or_is_deterred(compare):
    report = json.loads(compare("--elasticity", 2))["others"]["closed"]
    books = report["books"]
    assert books["deterred"] > 0.01
    assert books["lost"] == pytest.approx(books["gained"] + books["deterred"], abs=1e-6)
    honduras = next(row for row in report["countries"] if row["id"] == "HN")
    assert honduras["deterred"] == pytest.approx(books["deterred"])
    assert report["draws"] is None and "sign_share" not in honduras


def test_the_printed_table_tells_books_and_gateways(results, network_dir):
    words = ["compare", results / "base", results / "closed", "--network", network_dir]
    done = CliRunner().invoke(vereda, list(map(str, words)), catch_exceptions=False)
    assert "they differ in edits:" in done.output
    assert "of flow leaves its ways" in done.output and "gateways that lose" in done.output
    assert "gateways that gain" in done.output and "Honduras" in done.output


def test_results_of_other_flows_are_refused(compare):
    with pytest.raises(DataError, match="differs from the base in origins"):
        compare(other="tela")


def test_a_result_of_another_network_is_refused(compare, results, tmp_path):
    for name in ("base", "closed"):
        record = json.loads((results / name / "result.json").read_text())
        (tmp_path / name).mkdir()
        write_json({**record, "network": "0" * 64}, tmp_path / name / "result.json")
    with pytest.raises(DataError, match="differs from the base in network"):
        compare(other=tmp_path / "closed")
    with pytest.raises(DataError, match="was computed on network 000000000000"):
        compare(base=tmp_path / "base", other=tmp_path / "closed")


def test_of_several_others_each_has_a_directory_of_its_name(tmp_path):
    named = _named([tmp_path / "a", tmp_path / "b"])
    assert _targets(list(named), tmp_path) == {"a": tmp_path / "a", "b": tmp_path / "b"}
    assert _targets(["a"], tmp_path) == {"a": tmp_path} and _targets(["a"], None) == {}
    with pytest.raises(InputError, match="Two of the others have this name"):
        _named([tmp_path / "a", tmp_path / "runs" / "a"])


@pytest.mark.parametrize("output", ["base", "closed", "."])
def test_no_comparison_is_written_where_a_result_lies(compare, results, output):
    with pytest.raises(InputError, match=r"It holds .*result\.json, which is read"):
        compare(results / "tela", "--output", results / output)
