"""The command line as an operator uses it, and what it answers to wrong use."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyogrio
import pytest
import rasterio

from cli.main import run
from cli.networks.sources import _licence_text
from geodata.formats.files.store import sha256
from geodata.publication.results.result_files import RESULT_FILES
from routes.corridors import loading
from tests.support.load import idle_and_busy


def vereda(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from cli.main import run; run()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.fixture
def within(capsys):
    """The same within this process: most of the time of a short call is its start."""

    def call(*arguments: object) -> subprocess.CompletedProcess[str]:
        code = 0
        capsys.readouterr()
        try:
            run(list(map(str, arguments)))
        except SystemExit as ended:
            code = ended.code
        return subprocess.CompletedProcess(arguments, code, *capsys.readouterr())

    return call


def test_a_result_holds_every_file_and_they_open(result_dir):
    assert {path.name for path in result_dir.iterdir()} == set(RESULT_FILES)
    layers = dict(pyogrio.list_layers(result_dir / "corridors.gpkg"))
    assert {"corridors", "segments", "gateways", "admin"} <= set(layers)
    with rasterio.open(result_dir / "density.tif") as density:
        assert density.crs.is_projected and density.read(1).max() > 0
    record = json.loads((result_dir / "result.json").read_text())
    assert record["scenario"]["profile"] == "cocaine-north"


@idle_and_busy
def test_two_runs_give_the_same_bytes(network_dir, result_dir, tmp_path, processors):
    with processors():
        done = vereda("corridors", "--network", network_dir, "--output", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    for name in RESULT_FILES:
        assert sha256(tmp_path / "again" / name) == sha256(result_dir / name), name


def test_the_table_is_for_people_and_json_for_machines(network_dir):
    ends = ["--profile", "migrants-north", "--from", "San Pedro Sula", "--to", "Chiquimula"]
    table = vereda("corridors", "--network", network_dir, *ends)
    assert table.returncode == 0, table.stderr
    assert table.stdout.splitlines()[1].split()[:3] == ["rank", "corridor", "usage"]
    assert table.stderr == ""
    record = vereda("--json", "corridors", "--network", network_dir, *ends)
    corridors = json.loads(record.stdout)["corridors"]
    assert corridors[0]["rank"] == 1 and corridors[0]["km_road"] > 100


WRONG = [
    (["--from", "15.5,-88.0"], 2, "from", "Longitude comes first"),
    (["--from", "-70,15"], 2, "from", "inside borderlands"),
    (["--from", "San Pedro Sulla"], 2, "from", "San Pedro Sula"),
    (["--from", "La Libertad"], 2, "from", "There are"),
    (["--from", "Tela", "--to", "Tela"], 2, "Tela", "two places apart"),
    (["--profile", "cocain-north"], 2, "profile", "Did you mean 'cocaine-north'"),
    (["--profile", "missing.toml"], 2, "profile", "no such file"),
    (["--slack", "-1"], 2, "slack", "between 0 and 1"),
    (["--slack", "much"], 2, "--slack", "not a valid float"),
    (["--sleck", "1"], 2, "--sleck", "No such option"),
    (["--draws", "2", "--seed", "-1"], 2, "--seed", "not in the range"),
    (["--profile", "migrants-north", "--from", "Coxen Hole"], 4, "Coxen Hole", "is joined to"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "field", "remedy"), WRONG)
def test_wrong_use_names_field_and_remedy_and_writes_nothing(
    within, network_dir, tmp_path, arguments, code, field, remedy
):
    output = tmp_path / "out"
    done = within("corridors", "--network", network_dir, "--output", output, *arguments)
    assert done.returncode == code
    assert field in done.stderr and remedy in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_bad_data_exits_with_three(within, network_dir, tmp_path):
    assert within("corridors", "--network", tmp_path / "none").returncode == 3
    half = tmp_path / "half"
    shutil.copytree(network_dir, half)
    (half / "nodes.parquet").unlink()
    done = vereda("corridors", "--network", half)
    assert done.returncode == 3
    assert "nodes.parquet" in done.stderr and "Build it again" in done.stderr
    profile = tmp_path / "mine.toml"
    profile.write_text('name = "mine"\ntitle = "x"\n[modes]\nroad = { rate = "fast" }\n')
    done = within("corridors", "--network", network_dir, "--profile", profile)
    assert done.returncode == 3
    assert "modes.road.rate" in done.stderr
    profile.write_bytes(b'name = "caf\xe9"')
    done = within("corridors", "--network", network_dir, "--profile", profile)
    assert done.returncode == 3 and "Save the file as UTF-8" in done.stderr


def test_errors_for_machines_are_json(network_dir):
    done = vereda("--json", "corridors", "--network", network_dir, "--profile", "x")
    record = json.loads(done.stderr)
    assert done.returncode == 2
    assert record["field"] == "profile" and record["value"] == "x" and record["remedy"]


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        (["corridors", "--slack", "much"], 2, "slack"),
        (["corridors", "--sleck", "1"], 2, "--sleck"),
        (["corridor"], 2, "command"),
        (["corridors", "--profile", f"{'x' * 300}.toml"], 5, "file"),
    ],
)
def test_errors_of_every_kind_are_json_for_machines_and_a_line_for_people(
    arguments, code, field, capsys
):
    for options in (["--json"], []):
        with pytest.raises(SystemExit) as ended:
            run([*options, *arguments])
        assert ended.value.code == code
        stderr = capsys.readouterr().err
        if options:
            record = json.loads(stderr)
            assert record["field"] == field and record["error"] and record["remedy"]
        else:
            assert "{" not in stderr


@pytest.mark.parametrize("command", ["corridors", "sensitivity", "build"])
@pytest.mark.parametrize("output", ["/proc/x", f"{os.devnull}/x"])
def test_an_output_that_cannot_be_written_is_refused_before_any_work(command, output, capsys):
    network = [] if command == "build" else ["--network", "none"]
    with pytest.raises(SystemExit) as ended:
        run([command, *network, "--output", output])
    assert ended.value.code == 2
    stderr = capsys.readouterr().err
    assert stderr.startswith(f"vereda: output: '{output}'.")


def test_the_table_says_that_a_search_was_cut_off(within, network_dir, monkeypatch):
    ends = ["--profile", "migrants-north", "--from", "San Pedro Sula", "--to", "Chiquimula"]
    words = "1 of 1 search for corridors came to no end: listed are only those proven cheapest"
    question = ["corridors", "--network", network_dir, *ends]
    assert words not in within(*question).stdout
    monkeypatch.setattr(loading, "MOST_STAGES", 2)
    assert words in within(*question).stdout
    provenance = json.loads(within("--json", *question).stdout)["provenance"]
    assert words in provenance["search"]["reading"]


def test_indices_say_in_how_many_runs_a_search_was_cut_off(within, network_dir, monkeypatch):
    ends = ["--profile", "migrants-north", "--from", "Tela", "--to", "La Ceiba"]
    monkeypatch.setattr(loading, "MOST_STAGES", 0)
    shown = within("sensitivity", "--network", network_dir, *ends, "--samples", 4).stdout
    assert re.search(r"In [1-9]\d* of the runs a search for corridors came to no end", shown)


def test_where_nothing_varies_there_are_no_indices(network_dir, capsys):
    ends = ["--profile", "migrants-north", "--from", "Tela", "--to", "La Ceiba"]
    run(["sensitivity", "--network", str(network_dir), *ends, "--samples", "4"])
    assert "no parameter moves" in capsys.readouterr().out


def test_json_holds_no_number_that_is_none(network_dir, capsys):
    run(["--json", "inspect", str(network_dir), "--scores"])
    assert "null" in (text := capsys.readouterr().out)
    assert json.loads(text, parse_constant=pytest.fail)


def test_an_output_that_is_there_is_not_lost(within, network_dir, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    done = within("corridors", "--network", network_dir, "--output", tmp_path, "--overwrite")
    assert done.returncode == 2 and "result.json" in done.stderr
    done = within("build", "--output", network_dir)
    assert done.returncode == 2 and "--overwrite" in done.stderr
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_inspect_shows_network_scores_distances_checks_and_results(within, network_dir, result_dir):
    assert "nodes mesh" in within("inspect", network_dir).stdout
    scores = within("inspect", network_dir, "--scores").stdout
    assert "Most remote" in scores and "Gracias a Dios" in scores
    distances = within("inspect", network_dir, "--distances").stdout
    assert "51 pairs, median absolute error" in distances
    checks = json.loads(within("--json", "inspect", network_dir, "--checks").stdout)
    assert checks["sea_links_touching_land"] == 0
    assert "cocaine-north" in vereda("inspect", result_dir).stdout
    assert within("inspect", os.devnull).returncode == 3


@pytest.mark.parametrize(
    "change",
    [{"inputs": 3}, {"vereda": None}, {"inputs": None}, {"slack": "x"}, {"slack_hours": []},
     {"profile": None}],
)  # fmt: skip
def test_a_result_that_lacks_what_every_one_tells_is_bad_data(change, result_dir, tmp_path, capsys):
    record = json.loads((result_dir / "result.json").read_text())
    for key, value in change.items():
        within = record if key in record else record["scenario"]
        within.pop(key)
        within |= {} if value is None else {key: value}
    (tmp_path / "result.json").write_text(json.dumps(record))
    with pytest.raises(SystemExit) as ended:
        run(["inspect", str(tmp_path)])
    assert ended.value.code == 3 and "vereda corridors" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["[]", "{", '{"scenario": {}}'])
def test_a_damaged_result_is_bad_data_to_inspect(text, tmp_path, capsys):
    (tmp_path / "result.json").write_text(text)
    with pytest.raises(SystemExit) as ended:
        run(["inspect", str(tmp_path)])
    assert ended.value.code == 3 and "vereda corridors" in capsys.readouterr().err


def test_sources_list_every_layer_with_its_licence(within, bundle, network_dir):
    shown = within("sources", "--network", network_dir).stdout
    assert all(name in shown and source.version in shown for name, source in bundle.layers.items())
    text = within("sources", "--network", network_dir, "--licence", "countries").stdout
    assert text.strip() == bundle.licence_text("countries").strip()
    assert within("sources", "--network", network_dir, "--licence", "moon").returncode == 3
    licence = _licence_text("ri\u0301os", [{"layer": "r\u00edos", "licence": "ODbL"}], {})
    assert licence == "ODbL", "an accent may stand behind its letter"
    alike = [{"layer": "r\u00edos", "licence": "ODbL"}, {"layer": "ri\u0301os", "licence": "CC0"}]
    assert [_licence_text(each["layer"], alike, {}) for each in alike] == ["ODbL", "CC0"]
    nowhere = within("sources", "--network", network_dir / "none")
    assert nowhere.returncode == 3 and "vereda build" in nowhere.stderr
