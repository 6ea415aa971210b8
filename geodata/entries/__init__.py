"""Entries of users: forms with known keys, the spelling of texts, and lists written as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.entries.forms import (
        LONGEST_TEXT,
        OURS,
        AnyForm,
        Form,
        Latitude,
        Line,
        Longitude,
        Source,
        Text,
        form_faults,
        read_form,
        refuse,
    )
    from geodata.entries.lists import read_list
    from geodata.entries.numbers import as_float
    from geodata.entries.spelling import (
        bare,
        composed,
        composed_columns,
        nearest,
        require_text,
        suggestion,
    )

__all__ = [
    "LONGEST_TEXT",
    "OURS",
    "AnyForm",
    "Form",
    "Latitude",
    "Line",
    "Longitude",
    "Source",
    "Text",
    "as_float",
    "bare",
    "composed",
    "composed_columns",
    "form_faults",
    "nearest",
    "read_form",
    "read_list",
    "refuse",
    "require_text",
    "suggestion",
]

__getattr__, __dir__ = offer(__name__)
