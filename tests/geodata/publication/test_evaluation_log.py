"""The log of evaluations: every one is there, and counted with those on the same events."""

from __future__ import annotations

import json

import pytest

from geodata.errors import DataError, InputError
from geodata.publication.evaluation_log import LOG, check_log, log_evaluation

OWN = {"events": "abc", "flow": "cocaine", "measured": {"auc": 0.5}}


def test_evaluations_are_counted_by_their_events(tmp_path):
    path = check_log(tmp_path)
    assert not path.exists(), "a look writes nothing"
    numbers = [log_evaluation(path, {**OWN, **other}) for other in
               ({}, {"flow": "migrants"}, {"measured": {}}, {"events": "xyz"}, {})]  # fmt: skip
    assert numbers == [1, 1, 2, 1, 3]
    lines = [json.loads(line) for line in (tmp_path / LOG).read_text().splitlines()]
    assert len(lines) == 5 and lines[0]["measured"] == {"auc": 0.5}
    assert all(line["time"].endswith("+00:00") for line in lines)


def test_a_last_line_without_an_end_and_odd_names_spoil_no_log(tmp_path):
    path = check_log(tmp_path)
    path.write_text(json.dumps(OWN))
    odd = {**OWN, "events_file": "a\u2028b\udce1.csv"}
    assert [log_evaluation(path, odd) for _ in range(2)] == [2, 3]
    assert check_log(tmp_path) == path and len(path.read_bytes().splitlines()) == 3


def test_what_is_no_log_is_refused_and_kept(tmp_path):
    (tmp_path / LOG).write_text('{"events": "abc"}\nnot an evaluation\n')
    with pytest.raises(DataError, match=r"evaluations.jsonl, line 2: 'not an evaluation'.*mend it"):
        check_log(tmp_path)
    assert "not an evaluation" in (tmp_path / LOG).read_text()


def test_a_place_that_takes_no_log_is_named(tmp_path):
    with pytest.raises(InputError, match=r"log: .*no such directory"):
        check_log(tmp_path / "nowhere")
    (tmp_path / LOG).mkdir()
    with pytest.raises(InputError, match=r"log: .*move it away"):
        check_log(tmp_path)
