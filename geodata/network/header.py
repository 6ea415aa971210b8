"""The header of a network: what it says of itself, its sources and its files, read alone."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from geodata.errors import DataError
from geodata.formats.files.seals import open_plain

VERSION = version("vereda")
FORMAT = 2
"""Of format 1 were networks without the layers and names that their maps show."""
HEADER = "network.json"
REBUILD = "Build it again: vereda build --overwrite."
_MOST_BYTES = 16 << 20
_SOURCE = ("layer", "licence", "attribution", "sha256")


def read_sources(directory: str | Path) -> tuple[list[dict[str, str]], dict[str, str]]:
    """What a network was built from, and the texts of the licences by name.

    Raises
    ------
    DataError
        When there is no network of this version.
    """
    header = read_header(Path(directory))
    return header.get("sources", []), header.get("licences", {})


def read_header(directory: Path) -> dict[str, Any]:
    """What a network says of itself.

    Raises
    ------
    DataError
        When there is no network of this version.
    """
    path = directory / HEADER
    if not path.exists():
        raise DataError("network", str(directory), f"There is no network.json here. {REBUILD}")
    try:
        with open_plain(path, most=_MOST_BYTES) as file:
            header: dict[str, Any] = json.loads(file.read().decode("utf-8"))
        written, _ = header["version"], header["checksums"].items()
    except DataError as error:
        raise DataError("network", str(path), f"{error.remedy} {REBUILD}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError("network", str(path), f"network.json cannot be read. {REBUILD}") from error
    if header.get("format") != FORMAT:
        remedy = f"It is of format {header.get('format')!r}, this vereda reads {FORMAT}. {REBUILD}"
        raise DataError("network", str(directory), remedy)
    if written != VERSION:
        remedy = f"It was written by vereda {written}, this is {VERSION}. {REBUILD}"
        raise DataError("network", str(directory), remedy)
    sources = header.get("sources", [])
    licences = header.get("licences", {})
    sound = isinstance(sources, list) and all(map(_sound_source, sources))
    if not sound or not isinstance(licences, dict) or not all(map(_is_text, licences.values())):
        raise DataError("network", str(path), f"Its sources cannot be told. {REBUILD}")
    return header


def _sound_source(source: object) -> bool:
    return isinstance(source, dict) and all(_is_text(source.get(key)) for key in _SOURCE)


def _is_text(value: object) -> bool:
    return isinstance(value, str)
