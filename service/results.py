"""Results that are served: directories that ``vereda corridors`` wrote, each under a name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geodata.errors import InputError
from geodata.results import check_files, read_record
from geodata.store import sha256


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
    digest
        Hash of ``result.json``, which has the hash of every other file.
    """

    name: str
    directory: Path
    first: bool
    provenance: Mapping[str, Any]
    digest: str

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
        record = read_record(directory)
        check_files(directory, record)
        digest = sha256(directory / "result.json")
        found[name] = Served(
            name=name, directory=directory, first=not found, provenance=record, digest=digest
        )
    return found
