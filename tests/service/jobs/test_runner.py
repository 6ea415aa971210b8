"""Which jobs answer one question."""

from __future__ import annotations

from types import SimpleNamespace

from service.jobs import runner


def test_a_job_that_lacks_files_answers_no_new_question(monkeypatch):
    question = SimpleNamespace(key="q")
    before = runner.job_key("network", question)
    assert runner.job_key("network", question) == before
    monkeypatch.setattr(runner, "HANDED_OUT", (*runner.HANDED_OUT, "more.tif"))
    assert runner.job_key("network", question) != before
