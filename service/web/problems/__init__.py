"""Errors as problems for programs and as pages for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.web.problems.error_page import page_wanted
    from service.web.problems.problems import (
        BUSY,
        MEDIA_TYPE,
        NO_ROOM,
        Refusal,
        problem_record,
        recorded_problem,
        refusal_problem,
        register_problems,
        unread_page,
        unread_problem,
    )
    from service.web.problems.statuses import STATUSES, UNREAD, problem_head
    from service.web.problems.words import (
        LANGUAGES,
        language_of,
        number_text,
        region_words,
        wanted_language,
    )

__all__ = [
    "BUSY",
    "LANGUAGES",
    "MEDIA_TYPE",
    "NO_ROOM",
    "STATUSES",
    "UNREAD",
    "Refusal",
    "language_of",
    "number_text",
    "page_wanted",
    "problem_head",
    "problem_record",
    "recorded_problem",
    "refusal_problem",
    "region_words",
    "register_problems",
    "unread_page",
    "unread_problem",
    "wanted_language",
]

__getattr__, __dir__ = offer(__name__)
