"""Errors as problems for programs and as pages for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.web.problems.problems import (
        BUSY,
        MEDIA_TYPE,
        NO_ROOM,
        Refusal,
        problem_record,
        recorded_problem,
        refusal_problem,
        register_problems,
        unread_reply,
    )
    from service.web.problems.statuses import STATUSES, problem_head
    from service.web.problems.words import LANGUAGES, number_text, region_words, wanted_language

__all__ = [
    "BUSY",
    "LANGUAGES",
    "MEDIA_TYPE",
    "NO_ROOM",
    "STATUSES",
    "Refusal",
    "number_text",
    "problem_head",
    "problem_record",
    "recorded_problem",
    "refusal_problem",
    "region_words",
    "register_problems",
    "unread_reply",
    "wanted_language",
]

__getattr__, __dir__ = offer(__name__)
