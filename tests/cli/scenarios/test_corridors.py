"""Scenarios as an operator writes them: files of points, edits, draws."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from cli.main import vereda
from geodata.errors import DataError, InputError, VeredaError

ENDS = ["--profile", "migrants-north", "--from", "San Pedro Sula", "--to", "Chiquimula"]


def corridors(network_dir, *arguments):
    call = ["--json", "corridors", "--network", str(network_dir), *map(str, arguments)]
    run = CliRunner().invoke(vereda, call, catch_exceptions=True)
    if isinstance(run.exception, VeredaError):
        raise run.exception
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout)


def test_a_closed_crossing_moves_flow_and_the_record_says_so(network_dir):
    shut = corridors(network_dir, *ENDS, "--avoid", "El Florido", "--strengthen", "Copán=x1.1")
    assert all("formal:el-florido" not in row["gateways"] for row in shut["corridors"])
    edits = shut["provenance"]["scenario"]["edits"]
    assert [edit["target"] for edit in edits] == ["El Florido", "Copán"]


def test_a_waypoint_is_passed(network_dir):
    led = corridors(network_dir, *ENDS, "--via", "Agua Caliente", "--slack-hours", "1")
    assert all("Agua Caliente" in row["name"] for row in led["corridors"])


def test_the_table_tells_a_slack_in_hours(network_dir):
    call = ["corridors", "--network", str(network_dir), *ENDS, "--slack-hours", "1.5"]
    result = CliRunner().invoke(vereda, call)
    assert result.stdout.startswith("migrants-north, slack 1.5 risk-adjusted hours\n")


def test_draws_bring_intervals(network_dir):
    sure = corridors(network_dir, *ENDS, "--draws", "3", "--seed", "4")
    first = sure["corridors"][0]
    assert first["usage_low"] <= first["usage_mean"] <= first["usage_high"]
    assert sure["provenance"]["ensemble"]["draws"] == 3


@pytest.mark.parametrize("suffix", ["csv", "geojson"])
def test_ends_come_from_a_file(network_dir, tmp_path, suffix):
    path = tmp_path / f"towns.{suffix}"
    towns = [(-88.03, 15.5), (-87.8, 15.4)]
    if suffix == "csv":
        path.write_text("lon,lat\n" + "\n".join(f"{x},{y}" for x, y in towns))
    else:
        features = [
            {
                "type": "Feature",
                "properties": {"n": 1},
                "geometry": {"type": "Point", "coordinates": p},
            }
            for p in towns
        ]  # fmt: skip
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    answer = corridors(
        network_dir, "--profile", "migrants-north", "--from", path, "--to", "Chiquimula"
    )
    assert answer["corridors"][0]["origin"] == "towns"


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["--from", "none.csv"], InputError, "no such file"),
        (["--avoid", "Corintto"], InputError, "avoid: 'Corintto'"),
        (["--avoid", "HN"], InputError, "avoid: 'HN'. Leave it out, or change from"),
        (["--strengthen", "Corinto"], InputError, "NAME=HOURS"),
        (["--slack-hours", "-1"], InputError, "slack_hours: -1.0. Give hours, zero or more"),
        (["--slack-hours", "999"], InputError, "slack_hours: 999.0. The best path costs"),
        (["--from", "Tela", "--from", "Tela"], InputError, "from: 'Tela'. It is given twice"),
        (["--via", "Atlantis"], InputError, "No place has this name"),
        (["--draws", "1"], InputError, "two at least"),
    ],
)
def test_wrong_scenarios_say_what_to_mend(network_dir, arguments, error, words):
    with pytest.raises(error, match=words):
        corridors(network_dir, *ENDS[:2], *arguments)


def test_a_file_without_coordinates_is_refused(network_dir, tmp_path):
    path = tmp_path / "towns.csv"
    path.write_text("town\nTela\n")
    with pytest.raises(DataError, match="Columns there are: town"):
        corridors(network_dir, "--from", path)
    path.write_text("lon,lat\n-88,abc\n")
    with pytest.raises(DataError, match="line 2"):
        corridors(network_dir, "--from", path)
