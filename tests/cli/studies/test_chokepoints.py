"""`vereda chokepoints` as an analyst uses it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from cli.shell.console import Session
from cli.studies.chokepoints import chokepoints_command
from geodata.cartography.printed.cut_curve import CutPoint, draw_cut_curve
from geodata.errors import InputError, NoPathError
from geodata.formats.files.store import sha256
from routes.corridors import loading
from tests.support.load import idle_and_busy

ENDS = ["--profile", "migrants-north", "--from", "San Pedro Sula", "--to", "Chiquimula"]


def call(network_dir, *arguments, as_json=False):
    command = ["--network", str(network_dir), *map(str, arguments)]
    run = CliRunner().invoke(chokepoints_command, command, obj=Session(as_json=as_json))
    if run.exception and not isinstance(run.exception, SystemExit):
        raise run.exception
    return run


def test_one_slack_gives_the_cut_the_closures_and_a_map(network_dir, tmp_path):
    files = [tmp_path / "cut.json", tmp_path / "cut.png"]
    run = call(network_dir, *ENDS, "--slack", 0.1, "--output", files[0], "--map", files[1])
    assert run.exit_code == 0
    assert "fewest gateways" in run.output and "gaining most" in run.output
    record = json.loads(files[0].read_text("utf-8"))
    assert record["cuts"][0]["size"] == len(record["cuts"][0]["gateways"]) >= 2
    assert "El Florido" in record["cuts"][0]["names"]
    assert sum(closure["usage"] for closure in record["closures"]) == pytest.approx(1.0, abs=0.1)
    assert all(closure["added_hours"] >= 0 for closure in record["closures"])
    assert files[1].read_bytes()[:4] == b"\x89PNG"


@idle_and_busy
def test_a_curve_rises_and_its_figure_is_the_same_twice(network_dir, tmp_path, processors):
    pictures = [tmp_path / "a.png", tmp_path / "b.png"]
    curve = ["--curve", "--slack", 0, "--slack", 0.1, "--slack", 0.3]
    with processors():
        records = [
            json.loads(call(network_dir, *ENDS, *curve, "--map", p, as_json=True).output)
            for p in pictures
        ]
    sizes = [cut["size"] for cut in records[0]["cuts"]]
    assert sizes == sorted(sizes) and sizes[0] < sizes[-1]
    assert records[0] == records[1] and records[0]["closures"] == []
    assert sha256(pictures[0]) == sha256(pictures[1])


def test_closures_say_that_a_search_was_cut_off(network_dir, tmp_path, monkeypatch):
    words = "Searches for corridors were cut off: shares are among those proven cheapest."
    question = [*ENDS, "--slack", 0.1, "--output"]
    assert words not in call(network_dir, *question, tmp_path / "full.json").output
    monkeypatch.setattr(loading, "MOST_STAGES", 2)
    assert words in call(network_dir, *question, tmp_path / "cut.json").output
    full, cut = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("full", "cut"))
    assert not any(closure["cut_off"] for closure in full["closures"])
    assert any(closure["cut_off"] for closure in cut["closures"])


def test_a_curve_with_nothing_to_cut_is_drawn_too(tmp_path):
    points = [CutPoint(slack=0.0, size=None, names=[])]
    draw_cut_curve(points, tmp_path / "c.png", title="t", subtitle="s", attribution="a")
    assert (tmp_path / "c.png").read_bytes()[:4] == b"\x89PNG"


def test_ends_in_one_country_may_have_nothing_to_cut(network_dir):
    run = call(network_dir, "--profile", "migrants-north", "--from", "Tela", "--to", "La Ceiba",
               "--curve", "--slack", 0.0)  # fmt: skip
    assert "nothing cuts it" in run.output


WRONG = [
    (["--slack", "0.1", "--slack", "0.2"], InputError, "--curve"),
    (["--slack", "2"], InputError, "slack"),
    (["--least", "0"], InputError, "least"),
    (["--least", "0.1", "--curve"], InputError, "With --curve no gateway"),
    (["--from", "Chiquimula"], InputError, "two places apart"),
    (["--from", "Coxen Hole"], NoPathError, "around Coxen Hole.*mode sea"),
    (["--output", "missing/cut.json"], InputError, "directory does not exist"),
]


@pytest.mark.parametrize(("arguments", "kind", "words"), WRONG)
def test_wrong_use_names_field_and_remedy(network_dir, arguments, kind, words):
    ends = ["--profile", "migrants-north", "--to", "Chiquimula"]
    ends += [] if "--from" in arguments else ["--from", "San Pedro Sula"]
    with pytest.raises(kind, match=words):
        call(network_dir, *ends, *arguments)
