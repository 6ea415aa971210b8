"""Corridors computed on request, within limits of time and size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.corridors.answers import answers_of, prepare_answers
    from service.corridors.limits import limits_of
    from service.corridors.question import Question
    from service.corridors.scenario_schema import Execution, read_body, read_json, read_question
    from service.corridors.schemas import standing_alone
    from service.corridors.views import NAMED, ONCE, answered, question_parameters, reply

__all__ = [
    "NAMED",
    "ONCE",
    "Execution",
    "Question",
    "answered",
    "answers_of",
    "limits_of",
    "prepare_answers",
    "question_parameters",
    "read_body",
    "read_json",
    "read_question",
    "reply",
    "standing_alone",
]

__getattr__, __dir__ = offer(__name__)
