"""Vector files by box: formats, coordinate systems and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.vectors.files.columns import (
        canonical_rows,
        check_rename,
        column_of,
        numbers_of,
        text_of,
        used_by,
    )
    from geodata.sources.vectors.files.features import Choice
    from geodata.sources.vectors.files.files import FORMATS, crs_names, each_file, read_file

__all__ = [
    "FORMATS",
    "Choice",
    "canonical_rows",
    "check_rename",
    "column_of",
    "crs_names",
    "each_file",
    "numbers_of",
    "read_file",
    "text_of",
    "used_by",
]

__getattr__, __dir__ = offer(__name__)
