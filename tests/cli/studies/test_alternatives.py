"""`vereda alternatives` as an analyst uses it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from cli.shell.console import Session
from cli.studies.alternatives import alternatives_command
from geodata.errors import InputError, NoPathError
from geodata.formats.files.store import sha256

ENDS = ["--from", "San Pedro Sula", "--to", "Chiquimula", "--slack", "0.5"]


def call(network_dir, *arguments, as_json=False):
    command = ["--network", str(network_dir), *map(str, arguments)]
    run = CliRunner().invoke(alternatives_command, command, obj=Session(as_json=as_json))
    if run.exception and not isinstance(run.exception, SystemExit):
        raise run.exception
    return run


@pytest.mark.trials
def test_the_three_roads_to_chiquimula(network_dir, tmp_path):
    files = [tmp_path / "ways.geojson", tmp_path / "ways.png"]
    run = call(network_dir, *ENDS, "--output", files[0], "--map", files[1])
    assert run.exit_code == 0
    assert "San Pedro Sula to Chiquimula" in run.output
    assert "Corinto" in run.output and "Agua Caliente" in run.output
    assert "No further way stays within 50%" in run.output
    layer = json.loads(files[0].read_text("utf-8"))
    ways = [feature["properties"] for feature in layer["features"]]
    assert [way["rank"] for way in ways] == [1, 2, 3]
    assert all(200 < way["km"] < 380 and way["sharing"] <= 0.6 for way in ways)
    assert {feature["geometry"]["type"] for feature in layer["features"]} == {"LineString"}
    assert files[1].read_bytes()[:4] == b"\x89PNG"
    first = [sha256(file) for file in files]
    call(network_dir, *ENDS, "--output", files[0], "--map", files[1], "--overwrite")
    assert [sha256(file) for file in files] == first
    assert sorted(tmp_path.iterdir()) == sorted(files)


def test_json_for_machines(network_dir):
    record = json.loads(call(network_dir, *ENDS, "--most", 2, as_json=True).output)
    assert record["most"] == 2 and len(record["alternatives"]) == 2
    assert record["alternatives"][0]["slack"] == 0


WRONG = [
    (["--sharing", "1"], InputError, "sharing"),
    (["--sharing", "0"], InputError, "sharing"),
    (["--slack", "3"], InputError, "slack"),
    (["--most", "0"], InputError, "most"),
    (["--to", "San Pedro Sula"], InputError, "two places apart"),
    (["--to", "Flores"], InputError, "There are"),
    (["--output", "missing/ways.geojson"], InputError, "directory does not exist"),
    (["--to", "Coxen Hole"], NoPathError, "around Coxen Hole.*mode sea"),
]


@pytest.mark.parametrize(("arguments", "kind", "words"), WRONG)
def test_wrong_use_names_field_and_remedy(network_dir, arguments, kind, words):
    ends = ["--from", "San Pedro Sula", *([] if "--to" in arguments else ["--to", "Chiquimula"])]
    with pytest.raises(kind, match=words):
        call(network_dir, *ends, *arguments)
