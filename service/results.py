"""Results that are served: directories that ``vereda corridors`` wrote, each under a name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geodata.errors import DataError, InputError
from geodata.formats.files.seals import Seal
from geodata.formats.toml import DEEPEST, deeper
from geodata.publication.results import RECORD, check_files, sealed_record

_LARGEST = 1e300


@dataclass(frozen=True, kw_only=True)
class Served:
    """A result that is served.

    Parameters
    ----------
    name
        That of its directory, in lower case and with hyphens.
    first
        Whether it is the one that the map page opens with; its collections are named plainly,
        those of others after the result too.
    provenance
        What ``result.json`` says.
    files
        What may be handed out of it, by name.
    """

    name: str
    directory: Path
    first: bool
    provenance: Mapping[str, Any]
    files: Mapping[str, Seal]

    @property
    def digest(self) -> str:
        """Hash of ``result.json``, which has the hash of every other file."""
        return self.files[RECORD].digest

    @property
    def prefix(self) -> str:
        """What stands before the names of its collections, tiles and styles."""
        return "" if self.first else f"{self.name}."

    @property
    def group(self) -> str:
        """Name of all its layers together."""
        return f"{self.prefix}result"

    @property
    def scenario(self) -> Mapping[str, Any]:
        """The scenario that it answers."""
        found: Mapping[str, Any] = self.provenance["scenario"]
        return found

    @property
    def title(self) -> str:
        """The flow, and what was changed for it."""
        edits = "".join(f", {_told(edit)}" for edit in self.scenario.get("edits", ()))
        return f"{self.scenario.get('title', self.name)}{edits}"


def _told(edit: Mapping[str, Any]) -> str:
    """An edit in words."""
    if edit["factor"] is None:
        return f"without {edit['target']}"
    hours = f" + {edit['hours']:g} h" if edit["hours"] else ""
    return f"{edit['target']} x {edit['factor']:g}{hours}"


def read_results(directories: Sequence[Path]) -> dict[str, Served]:
    """The results in some directories, by name, the first one first.

    Raises
    ------
    InputError
        When two of them would have the same name, or one has none.
    DataError
        When a file is missing or is not as it was written.
    """
    found: dict[str, Served] = {}
    for directory in directories:
        name = re.sub(r"[^a-z0-9]+", "-", directory.resolve().name.lower()).strip("-")
        if not name or name in found:
            remedy = "Give every result a directory with a name of its own, in Latin letters."
            raise InputError("result", str(directory), remedy)
        record, files = read_result(directory)
        _check_scenario(directory, record["scenario"])
        _check_telling(directory, record)
        found[name] = Served(
            name=name, directory=directory, first=not found, provenance=record, files=files
        )
    return found


def _check_scenario(directory: Path, scenario: Mapping[str, Any]) -> None:
    """Refuse a scenario that cannot be told: whoever wrote it, it is shown on every page."""
    edits = scenario.get("edits", [])
    sound = (
        all(isinstance(scenario.get(name, ""), str) for name in ("profile", "title"))
        and _number(scenario.get("slack"))
        and (scenario.get("slack_hours") is None or _number(scenario["slack_hours"]))
        and isinstance(edits, list)
        and all(
            isinstance(edit, dict)
            and isinstance(edit.get("target"), str)
            and _number(edit.get("hours"))
            and ("factor" in edit and (edit["factor"] is None or _number(edit["factor"])))
            for edit in edits
        )
    )
    if not sound:
        remedy = "Its scenario cannot be read. Compute it again: vereda corridors --overwrite."
        raise DataError("result", str(directory / RECORD), remedy)


def _check_telling(directory: Path, record: Mapping[str, Any]) -> None:
    """Refuse what Python reads and nobody else does: it is told again in answers and on pages."""
    try:
        # Neither halves of letters nor infinities are JSON.
        json.dumps(record, ensure_ascii=False, allow_nan=False).encode("utf-8")
        sound = not deeper(record, DEEPEST)
    except (ValueError, RecursionError):
        sound = False
    if not sound:
        remedy = f"It holds what no JSON can tell, or is nested in more than {DEEPEST} levels."
        raise DataError("result", str(directory / RECORD), remedy)


def _number(value: object) -> bool:
    """Whether a value is a number that JSON can tell: Python reads infinities and NaN as well."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return -_LARGEST < value < _LARGEST


def read_result(directory: Path) -> tuple[Mapping[str, Any], Mapping[str, Seal]]:
    """What ``result.json`` of a directory says, and the files that it lists, itself among them.

    Raises
    ------
    DataError
        When a file is missing or is not as it was written.
    """
    record, seal = sealed_record(directory)
    return record, {**check_files(directory, record), RECORD: seal}
