"""Limits on the size of questions, for live answers and for jobs."""

from __future__ import annotations

from flask import Flask, current_app

from routes.search.slack import MAX_SLACK
from service.corridors.question import Question
from service.state import Settings, make_once
from service.web.problems.problems import Refusal


class Limits:
    """Limits of one service on slack, pairs of origin and destination, and draws."""

    def __init__(self, settings: Settings) -> None:
        self.slack = settings.slack_limit
        self.pairs = settings.pairs_limit
        self.job_pairs = settings.job_pairs
        self.draws = settings.draws_limit

    def check(self, question: Question) -> None:
        """Refuse a question that is too large even for a job.

        Raises
        ------
        Refusal
            With status 403.
        """
        scenario = question.scenario
        if self.slack < MAX_SLACK and scenario.slack_hours is not None:
            remedy = f"Give slack instead, at most {self.slack:g}: it is bounded here."
            raise Refusal(403, "slack_hours", scenario.slack_hours, remedy)
        if scenario.slack > self.slack:
            raise Refusal(403, "slack", scenario.slack, f"At most {self.slack:g} is allowed here.")
        if question.draws > self.draws:
            raise Refusal(403, "draws", question.draws, f"At most {self.draws} are allowed here.")
        count = pairs(question)
        if count > self.job_pairs:
            remedy = f"At most {self.job_pairs} pairs of origin and destination are allowed here."
            raise Refusal(403, "pairs", count, remedy)

    def check_live(self, question: Question) -> None:
        """Refuse a question that is too large for a live answer.

        Raises
        ------
        Refusal
            With status 403.
        """
        self.check(question)
        if not self.live(question):
            remedy = f"At most {self.pairs} pairs are answered at once; POST it as a job."
            raise Refusal(403, "pairs", pairs(question), remedy)

    def live(self, question: Question) -> bool:
        """Whether a question is small enough to be answered at once."""
        return not question.draws and pairs(question) <= self.pairs


def pairs(question: Question) -> int:
    """Pairs of origin and destination of a question."""
    profile = question.scenario.profile
    return len(profile.pairs) or len(profile.origins) * len(profile.destinations)


def limits_of(app: Flask = current_app) -> Limits:
    """The limits of an application."""
    return make_once(app, "limits", lambda state: Limits(state.settings), of_settings=True)
