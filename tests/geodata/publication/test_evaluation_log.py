"""The log of evaluations: every one is there, and counted with those on the same events."""

from __future__ import annotations

import errno
import json
import os

import pytest

from geodata.errors import DataError, InputError
from geodata.publication.evaluation_log import LOG, check_log, log_evaluation

OWN = {"events": "abc", "flow": "cocaine", "measured": {"auc": 0.5}}


def test_evaluations_are_counted_by_their_events(tmp_path):
    path = check_log(tmp_path)
    assert not path.exists(), "a look writes nothing"
    numbers = [log_evaluation(path, {**OWN, **other}) for other in
               ({}, {"flow": "migrants"}, {"measured": {}}, {"events": "xyz"}, {})]  # fmt: skip
    assert numbers == [1, 2, 3, 1, 4], "by events, whatever the flow is called"
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


def test_a_last_line_without_an_end_gets_one(tmp_path):
    (tmp_path / LOG).write_text('{"events": "abc"}')
    assert log_evaluation(check_log(tmp_path), OWN) == 2
    assert log_evaluation(check_log(tmp_path), OWN) == 3


def test_a_line_that_cannot_be_written_leaves_the_log_as_it_was(tmp_path, monkeypatch):
    path = check_log(tmp_path)
    log_evaluation(path, OWN)
    before = path.read_bytes()

    def full(_):
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        log_evaluation(path, OWN)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["a\u2028b.csv", "a\u2029b.csv", "a\x85b.csv", "a\udcffb.csv"])
def test_any_name_of_a_file_is_one_line(tmp_path, name):
    for number in (1, 2):
        path = check_log(tmp_path)
        assert log_evaluation(path, {**OWN, "events_file": name}) == number
    assert json.loads(path.read_text().split("\n")[0])["events_file"] == name
