"""Records as JSON files."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np

from geodata.errors import InputError


def write_json(content: Mapping[str, object], path: Path) -> Path:
    """Write a mapping as indented JSON with sorted keys; NaN and infinity become null."""
    text = json.dumps(_jsonable(content), indent=2, sort_keys=True, ensure_ascii=False)
    write_text(path, text + "\n")
    return path


def _jsonable(value: object) -> object:
    """Express a value in JSON's own types."""
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _jsonable(value.tolist())
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, Path | date):
        return str(value)
    raise InputError("provenance", value, "Give texts, numbers, lists and mappings.")


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8."""
    path.write_text(text, encoding="utf-8")
