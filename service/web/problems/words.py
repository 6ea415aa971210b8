"""Words that people read, in the languages of the pages."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flask import request

LANGUAGES = {"en": "English", "es": "Español"}
"""By code; the first is the usual one."""

_HERE = Path(__file__).parents[2]


@cache
def words(language: str) -> dict[str, str]:
    """All texts of the map page in one language, by key."""
    return _read(_HERE / "static" / "words" / f"{language}.json")


@cache
def error_words(language: str) -> dict[str, str]:
    """All texts of the pages that tell of an error, by key."""
    return _read(_HERE / "templates" / f"error.{language}.json")


def _read(path: Path) -> dict[str, str]:
    record: dict[str, str] = json.loads(path.read_text("utf-8"))
    return record


def wanted_language() -> str:
    """Language of the visitor: what the address says, or else the browser."""
    named = request.args.get("lang", "")
    if named in LANGUAGES:
        return named
    return request.accept_languages.best_match(LANGUAGES) or next(iter(LANGUAGES))
