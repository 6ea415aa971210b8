"""Paths, codes and other texts of an area file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from geodata.entries.forms import refuse

_CODE = re.compile(r"[A-Z]{2}")
_DIVISION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


def text_pattern(pattern: re.Pattern[str], remedy: str) -> AfterValidator:
    """A validator that refuses texts that do not match a pattern, with a remedy."""

    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise refuse(remedy)
        return text

    return AfterValidator(check)


def _tuple(value: object) -> object:
    """A list as a tuple; one text alone as a tuple of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _path(value: object) -> object:
    if isinstance(value, str):
        if not value.strip() or "\0" in value:
            raise refuse("Give a file, a folder, or a pattern such as tiles/*.tif.")
        return Path(value)
    return value


Several = BeforeValidator(_tuple)
OnePath = Annotated[Path, BeforeValidator(_path)]
Paths = Annotated[tuple[OnePath, ...], Several, Field(max_length=10_000)]
Code = Annotated[str, text_pattern(_CODE, "Give two capital letters, such as XA (ISO 3166-1).")]
Codes = Annotated[tuple[Code, ...], Several, Field(max_length=300)]
Divisions = Annotated[
    tuple[
        Annotated[str, text_pattern(_DIVISION, "Give a code such as XA or XA-01 (ISO 3166).")], ...
    ],
    Several,
    Field(max_length=1000),
]
