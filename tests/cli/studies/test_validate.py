"""``vereda validate`` from end to end.

The events are airstrips and draws from the model's own surface: tests of the statistics and
the files, and no validation of anything.
"""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version

import numpy as np
import pandas as pd
import pytest
import rasterio
from click.testing import CliRunner
from PIL import Image

from cli.main import run, vereda
from cli.studies.validate import EventOptions, _holders
from cli.studies.validation_tables import (
    _BACKGROUNDS,
    NOT_ASHORE,
    _background_tables,
    _country_table,
    _role_table,
)
from geodata.errors import InputError
from geodata.formats.files.store import sha256
from geodata.network.evidence import event_sources
from geodata.publication.evaluation_log import LOG
from geodata.publication.results.result_files import VALIDATION
from routes.corridors import loading
from routes.studies.defaults import BLOCK_M, TOLERANCE_M
from tests.support.load import idle_and_busy


def call(*arguments: object) -> str:
    done = CliRunner().invoke(vereda, [str(a) for a in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def trip_dir(network_dir, tmp_path_factory):
    """A result that takes seconds: one origin, one destination."""
    directory = tmp_path_factory.mktemp("trip") / "out"
    call("-q", "corridors", "--network", network_dir, "--profile", "migrants-north",
         "--from", "San Pedro Sula", "--to", "Chiquimula", "--output", directory)  # fmt: skip
    return directory


@pytest.fixture(scope="module")
def strips(network, tmp_path_factory):
    """Airstrips of Gracias a Dios as points with a date, two of which cannot be used."""
    nodes = network.nodes
    frame = nodes[(nodes["kind"] == "airstrip") & (nodes["admin1"] == "HN-GD")][["x", "y"]]
    extra = pd.DataFrame({"x": [-84.0, -99.1], "y": [15.0, 19.4], "date": ["", "2015"]})
    path = tmp_path_factory.mktemp("strips") / "strips.csv"
    pd.concat([frame.assign(date="2015-06-01"), extra]).to_csv(path, index=False)
    return path


def test_without_a_file_the_events_of_the_network_count(trip_dir, network_dir, network):
    report = json.loads(call("--json", "validate", trip_dir, "--network", network_dir))
    listed = network.layers["events"]
    placed = listed[(listed["flow"] == "migrants") & listed["x"].notna()]
    assert report["of"]["events_file"] == "events of borderlands"
    assert report["of"]["first"] == min(placed["date"])
    number = report["sample"]["events"]
    assert report["headline"].startswith(f"Not validated: {number} events")
    inexact = placed["precision_km"].between(5, 25, inclusive="right").sum()
    assert 0 < report["inexact"] <= inexact and report["left_out"]["less exact than 25 km"] > 0
    assert f"{report['inexact']} may lie farther off than the tolerance" in report["headline"]


def test_a_flow_without_events_names_those_that_have_some(trip_dir, network_dir, capsys):
    with pytest.raises(SystemExit) as left:
        run(["validate", str(trip_dir), "--network", str(network_dir), "--flow", "gold"])
    assert left.value.code == 2
    assert "cocaine, contraband, migrants" in capsys.readouterr().err


def test_a_profile_without_events_is_named_and_so_is_the_way_out(network):
    terms = EventOptions(file=None, flow=None, on="land", since=None, tolerance=5, block=50, seed=0)
    with pytest.raises(InputError, match=r"profile: 'route-a'.*--flow.*all.*--events FILE"):
        terms.of_network(network, profile="route-a")


def test_whose_events_they_are_is_named_as_well(network):
    of_map = {"attribution": "Surveyors", "licence": "CC0-1.0"}
    line = _holders({"inputs": [of_map]}, event_sources(network))
    assert line == f"Surveyors; {event_sources(network)[0]['attribution']}"


@pytest.fixture(scope="module")
def own(trip_dir, network, tmp_path_factory):
    """Points drawn from the model's own usage."""
    with rasterio.open(trip_dir / "density.tif") as source:
        density = source.read(1, masked=True).filled(0).astype(float)
    cell = np.random.default_rng(3).choice(density.size, 300, p=density.ravel() / density.sum())
    row, column = np.divmod(cell, density.shape[1])
    area = network.area
    x, y = area.unproject(area.transform.c + (column + 0.5) * area.cell_m,
                          area.transform.f - (row + 0.5) * area.cell_m)  # fmt: skip
    path = tmp_path_factory.mktemp("own") / "own.csv"
    pd.DataFrame({"lon": x, "lat": y, "year": 2018}).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def few(trip_dir, network_dir, strips, tmp_path_factory):
    directory = tmp_path_factory.mktemp("few") / "validation"
    printed = call("validate", trip_dir, "--network", network_dir, "--events", strips,
                   "--log", directory.parent, "--output", directory)  # fmt: skip
    return printed, directory


def test_few_events_are_not_validated_anywhere(few):
    printed, directory = few
    lines = printed.splitlines()
    assert lines[0] == "Not validated: 28 events, fewer than 30. Intervals only."
    assert "Left out: 1 undated, 1 off the ground." in printed
    assert {path.name for path in directory.iterdir()} == set(VALIDATION.files)
    record = json.loads((directory / "validation.json").read_text())
    assert record["sample"]["words"].startswith("not validated")
    assert record["of"]["events_file"] == "strips.csv" and record["of"]["first"] == "2015"
    rows = pd.read_csv(directory / "validation.csv")
    assert rows["estimate"].isna().all() and rows["low"].notna().any()
    assert rows["words"].str.contains("not validated").all()
    with Image.open(directory / "validation.png") as image:
        assert image.width == 2400


@idle_and_busy
def test_two_runs_give_the_same_bytes(few, trip_dir, network_dir, strips, tmp_path, processors):
    with processors():
        call("validate", trip_dir, "--network", network_dir, "--events", strips,
             "--log", tmp_path, "--output", tmp_path / "again")  # fmt: skip
    for name in VALIDATION.files:
        assert sha256(tmp_path / "again" / name) == sha256(few[1] / name), name


def test_searches_that_were_cut_off_are_told(
    few, trip_dir, network_dir, strips, tmp_path, monkeypatch
):
    assert "came to no end" not in few[0]
    cut = shutil.copytree(trip_dir, tmp_path / "cut")
    record = json.loads((cut / "result.json").read_text())
    record["search"]["reading"] = "1 of 1 search came to no end."
    (cut / "result.json").write_text(json.dumps(record))
    monkeypatch.setattr(loading, "MOST_STAGES", 1)
    shown = call("validate", cut, "--network", network_dir, "--events", strips,
                 "--log", tmp_path)  # fmt: skip
    assert "In the result, 1 of 1 search came to no end." in shown
    assert "In the shortest paths blind to scores, 1 of 1 search for corridors came to" in shown
    assert "From San Pedro Sula none was proven, so that 100% of flow is left out" in shown
    assert "random by road density" in shown and "blind to scores  " not in shown


def test_a_result_without_corridors_is_refused_in_words(
    trip_dir, network_dir, network, strips, monkeypatch, capsys
):
    nothing = np.zeros(network.area.shape)
    monkeypatch.setattr("geodata.publication.results.reading.read_density", lambda *_: nothing)
    with pytest.raises(SystemExit) as left:
        run(["validate", str(trip_dir), "--network", str(network_dir), "--events", str(strips)])
    assert left.value.code == 3 and "no corridor to compare" in capsys.readouterr().err


def test_a_result_whose_scenario_is_damaged_is_bad_data(trip_dir, network_dir, tmp_path, capsys):
    damaged = shutil.copytree(trip_dir, tmp_path / "damaged")
    record = json.loads((damaged / "result.json").read_text())
    record["scenario"]["origins"][0]["at"] = {"layer": "border", "country": 3}
    (damaged / "result.json").write_text(json.dumps(record))
    with pytest.raises(SystemExit) as left:
        run(["validate", str(damaged), "--network", str(network_dir)])
    assert left.value.code == 3
    assert "scenario.origins[0].at.country: 3. Give a text." in capsys.readouterr().err


def test_an_evaluation_is_logged_beside_the_result_and_counted(trip_dir, network_dir, few):
    (line,) = [json.loads(text) for text in (few[1].parent / LOG).read_text().splitlines()]
    record = json.loads((few[1] / "validation.json").read_text())
    assert few[0].splitlines()[-2] == "Evaluation 1 on these events."
    assert "evaluation" not in record, "two runs write the same bytes"
    assert line["result"] == sha256(trip_dir / "result.json")
    assert line["network"] == record["of"]["network"] and line["vereda"] == version("vereda")
    assert line["events"] == record["of"]["events_sha256"] and line["flow"] == "migrants"
    assert line["measured"].keys() == record["places"]["measured"].keys() and line["measured"]
    numbers = [json.loads(call("--json", "validate", trip_dir, "--network", network_dir))
               ["evaluation"] for _ in range(2)]  # fmt: skip
    assert numbers[1] == numbers[0] + 1
    logged = [json.loads(text) for text in (trip_dir.parent / LOG).read_text().splitlines()]
    assert sum(each["events_file"] == "events of borderlands" for each in logged) == numbers[1]


def test_on_water_there_is_no_test_at_places(trip_dir, network_dir, strips, tmp_path):
    printed = call("validate", trip_dir, "--network", network_dir, "--events", strips,
                   "--on", "all", "--log", tmp_path)  # fmt: skip
    assert NOT_ASHORE in printed and "Test at places" not in printed


def test_few_events_of_a_country_or_role_say_that_they_validate_nothing():
    words = "not validated: 3 events, fewer than 30"
    few = {"events": 3, "blocks": 6, "estimate": None, "low": 0.1, "high": 0.3, "words": words}
    bare = {
        "statistic": "auc",
        "measure": "same country",
        "of": "way",
        "against": "",
        "country": "",
    }
    (line,) = [each for each in _country_table([{**bare, **few, "country": "SV"}]) if "SV" in each]
    assert line.endswith(words)
    (line,) = [
        each for each in _role_table([{**bare, **few, "measure": "ports"}]) if "ports" in each
    ]
    assert line.endswith(words)
    both = [{**bare, **few, "measure": name} for name in _BACKGROUNDS]
    gains = [{**row, "statistic": "gain", "against": "hours only"} for row in both]
    assert f"same district: {words}" in list(_background_tables([*both, *gains]))


def test_the_test_at_places_is_printed_and_written(few):
    printed, directory = few
    places = json.loads((directory / "validation.json").read_text())["places"]
    assert places["headline"].startswith("At places not validated: 28 events")
    assert places["headline"] in printed and "Test at places: 28 events in " in printed
    for words in ("AUC of ", "gain of way or gateway over", "over cross-validated geography",
                  "events captured by            top 5% of length", "smoothed Boyce index",
                  "No event says what it tells of"):  # fmt: skip
        assert words in printed
    against = {row["against"] for row in places["findings"]} - {""}
    assert against == {
        "weights zero", "hours only", "nearest gateway", "coast or land border", "primary road",
        "population", "straight lines", "cross-validated geography",
    }  # fmt: skip
    rows = pd.read_csv(directory / "validation.csv")
    assert (rows["measure"] == "same district").sum() == sum(
        row["measure"] == "same district" for row in places["findings"]
    )


def test_defaults_are_those_of_the_library():
    default = {option.name: option.default for option in vereda.commands["validate"].params}
    assert default["block"] * 1000 == BLOCK_M and default["tolerance"] * 1000 == TOLERANCE_M


def test_a_model_finds_its_own_draws(trip_dir, network_dir, own, tmp_path):
    printed = call("--json", "validate", trip_dir, "--network", network_dir, "--events", own,
                   "--block", 10, "--output", tmp_path / "v")  # fmt: skip
    record = json.loads(printed)
    gains = {row["against"]: row for row in record["findings"] if row["statistic"] == "gain"
             and row["measure"] == "usage"}  # fmt: skip
    assert gains["straight lines"]["low"] > 0 and gains["random by road density"]["low"] > 0
    tops = [row for row in record["findings"] if row["of"] == "model"
            and row["statistic"] == "captured in top 5% of area"]  # fmt: skip
    assert tops[0]["estimate"] > 0.9
    number = record.pop("evaluation")
    assert number >= 1
    assert record == json.loads((tmp_path / "v" / "validation.json").read_text())
    assert record["places"]["measured"]["auc of way or gateway"] > 0.8, "towns lie off the way"


def test_a_result_of_another_network_is_refused(trip_dir, network_dir, strips, tmp_path, capsys):
    record = json.loads((trip_dir / "result.json").read_text())
    (tmp_path / "result.json").write_text(json.dumps({**record, "network": "0" * 64}))
    with pytest.raises(SystemExit) as left:
        run(["validate", str(tmp_path), "--events", str(strips), "--network", str(network_dir)])
    assert left.value.code == 3
    assert "The result was computed on network 000000000000" in capsys.readouterr().err


WRONG = [
    (["--events", "none.csv"], 2, "no such file"),
    (["--events", "{strips}", "--since", "soon"], 2, "YYYY-MM-DD"),
    (["--events", "{strips}", "--on", "air"], 2, "--on"),
    (["--events", "{strips}", "--block", "0"], 2, "--block"),
    (["--events", "{strips}", "--tolerance", "-1"], 2, "--tolerance"),
    (["--events", "{strips}", "--network", "nowhere"], 3, "no network.json"),
    (["--events", "{trip}"], 2, "no such file"),
    (["--events", "{trip}/result.json"], 3, "cannot be read"),
    (["--events", "{strips}", "--flow", "gold"], 2, "leave out this, or --events"),
    (["--events", "{strips}", "--log", "nowhere"], 2, "name another with --log"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "remedy"), WRONG)
def test_wrong_use_names_the_remedy_and_writes_nothing(
    trip_dir, strips, tmp_path, capsys, monkeypatch, arguments, code, remedy
):
    monkeypatch.chdir(tmp_path)
    options = [text.format(strips=strips, trip=trip_dir) for text in arguments]
    with pytest.raises(SystemExit) as left:
        run(["validate", str(trip_dir), "--output", "validation", *options])
    assert left.value.code == code
    assert remedy in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


BAD = {
    "date,lon,lat\n2016,2,48\n": "None lies on the ground",
    "date,lon,lat\n2016,-88.4,15.6\n2999-01-01,-88.4,15.6\n": "line 3, date: '2999-01-01'",
    "date,lon,lat\n2016,,\n,-88.4,15.6\n": "1 undated, 1 without a place",
    "date,lon,lat\n2016,-88.03,15.5\n2017,-88.02,15.51\n": "in one spatial block",
    "date,lon,lat,flow\n2016,-88.4,15.6,gold\n": "models migrants, the column flow has gold",
}


@pytest.mark.parametrize("text", BAD)
def test_bad_events_are_refused_before_long_work(
    trip_dir, network_dir, tmp_path, capsys, monkeypatch, text
):
    def too_late(*_, **__):
        raise AssertionError("nulls are laid")

    monkeypatch.setattr("routes.studies.validation.null_models.null_surfaces", too_late)
    path = tmp_path / "events.csv"
    path.write_text(text)
    with pytest.raises(SystemExit) as left:
        run(["validate", str(trip_dir), "--network", str(network_dir), "--events", str(path),
             "--log", str(tmp_path)])  # fmt: skip
    assert left.value.code == 3
    assert BAD[text] in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["events.csv"]


def test_events_of_a_flow_that_the_profile_does_not_model_are_refused(
    trip_dir, network_dir, capsys
):
    with pytest.raises(SystemExit) as left:
        run(["validate", str(trip_dir), "--network", str(network_dir), "--flow", "cocaine"])
    assert left.value.code == 2
    assert "migrants-north, which models migrants" in capsys.readouterr().err


def test_something_else_in_the_way_is_kept(trip_dir, strips, few, tmp_path, capsys):
    with pytest.raises(SystemExit) as left:
        run(["validate", str(trip_dir), "--events", str(strips), "--output", str(few[1])])
    assert left.value.code == 2 and "--overwrite" in capsys.readouterr().err
    with pytest.raises(SystemExit) as left:
        run(["validate", str(tmp_path), "--events", str(strips)])
    assert left.value.code == 3 and "result.json" in capsys.readouterr().err


def test_damaged_results_are_bad_data(trip_dir, network_dir, strips, tmp_path, capsys):
    record = json.loads((trip_dir / "result.json").read_text())
    for text in ("{", "[]", json.dumps({**record, "scenario": {}}), json.dumps(record)):
        (tmp_path / "result.json").write_text(text)
        with pytest.raises(SystemExit) as left:
            run(["validate", str(tmp_path), "--events", str(strips), "--network",
                 str(network_dir)])  # fmt: skip
        assert left.value.code == 3
        assert "vereda corridors" in capsys.readouterr().err
