"""Sweeps: a scenario file gives one scenario for each entry and combination of its grid.

When a key is set in several places, the grid takes precedence over the scenario, and the scenario
over the keys that all scenarios of the file share.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from geodata.entries.forms import LONGEST_TEXT, form_faults, read_form
from geodata.errors import DataError, VeredaError
from routes.scenario.forms.scenario_file import FiledScenario, ScenarioFile
from routes.scenario.keys.fields import PROFILE

MOST_SCENARIOS = 10_000
"""Default for the largest number of scenarios in a sweep."""
_LONGEST_LABEL = 40
_SETS = ("scenario", "grid")
_BASE = "profile.base"
_CHOICE = "profile.choice"
_DISPERSIONS = (f"{_CHOICE}.theta", f"{_CHOICE}.best_share")

Table = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A key of a grid, and the values that it takes."""

    path: tuple[str, ...]
    values: Sequence[Any]

    @property
    def key(self) -> str:
        """The key as errors name it."""
        return ".".join(self.path)

    def labels(self) -> list[str]:
        """Label of each value in names of scenarios: the value itself, or else its number."""
        labels = [_label(value) for value in self.values]
        if len(set(labels)) < len(labels) or max(map(len, labels)) > _LONGEST_LABEL:
            return self.numbers()
        return labels

    def numbers(self) -> list[str]:
        """The number of each value, from 1."""
        return [str(number) for number in range(1, len(self.values) + 1)]

    def column(self, place: int) -> dict[str, str | float]:
        """A value of a key within a table, in the form that it has in a table of runs."""
        value = _plain(self.values[place])
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return {self.key: value if number else _label(value)} if len(self.path) > 1 else {}


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A scenario as its file spells it, which may be wrong.

    Parameters
    ----------
    name
        Name of the draft: that of the scenario or the file, followed by the values of the grid.
    table
        Keys of the scenario.
    within
        Path of the scenario in its file; empty where the file has no list of them.
    own
        Keys of this scenario alone.
    shared
        Keys that all scenarios of the file share.
    places
        Number of the value of each key of the grid.
    varied
        Values of the grid for keys within tables, such as those of a profile.
    """

    name: str
    table: Table
    within: str
    own: Table
    shared: Table
    places: Mapping[str, int]
    varied: Mapping[str, str | float]

    def origin(self, path: str) -> str:
        """Path in the file of a key of the scenario, or of the table that would contain it."""
        for key, place in self.places.items():
            if path == key or path.startswith((f"{key}.", f"{key}[")):
                return f"grid.{key}[{place}]{path[len(key) :]}"
        first = path.partition(".")[0].partition("[")[0]
        if first not in {**self.own, **self.shared}:
            within = any(key.startswith(f"{path}.") for key in self.places)
            return f"grid.{path}" if within else path
        if path == _BASE and isinstance({**self.shared, **self.own}[first], str):
            # A profile's name becomes a base when the grid changes values of the profile.
            path = first
        return f"{self.within}.{path}" if first in self.own else path

    def form(self) -> FiledScenario:
        """The scenario, checked.

        Raises
        ------
        DataError
            With the path in the file of the first wrong key.
        """
        try:
            return read_form(FiledScenario, self.table, called="a table")
        except DataError as error:
            raise DataError(self.origin(error.field), error.value, error.remedy) from None

    def faults(self) -> list[VeredaError]:
        """All keys that are wrong by themselves, with their paths in the file."""
        return [DataError(self.origin(error.field), error.value, error.remedy)
                for error in form_faults(FiledScenario, self.table)]  # fmt: skip


def outline_faults(tables: Table) -> tuple[list[VeredaError], dict[str, Any]]:
    """What is wrong with the keys of a file, its list and its grid; and it without unknown keys."""
    known = {part.alias or key for key, part in ScenarioFile.model_fields.items()}
    kept = {key: value for key, value in tables.items() if key in known}
    return form_faults(ScenarioFile, _outline(tables)), kept


def _outline(tables: Table) -> dict[str, Any]:
    """The keys that drafts do not check: a grid may complete or replace those that they share."""
    drafted = {part.alias or key for key, part in FiledScenario.model_fields.items()} - {"name"}
    return {key: value for key, value in tables.items() if key not in drafted}


def sweep(tables: Table, *, name: str, most: int = MOST_SCENARIOS, before: int = 0) -> list[Draft]:
    """The scenarios of a file.

    Parameters
    ----------
    name
        Name for scenarios that have no name of their own.
    most
        Largest number of scenarios.
    before
        Number of scenarios in the files before.

    Raises
    ------
    DataError
        When there is no such key, the list of scenarios or the grid is not valid, or there are
        too many scenarios.

    Examples
    --------
    >>> from routes.studies.batch import sweep
    >>> [draft.name for draft in sweep({"grid": {"slack": [0.1, 0.2]}}, name="trial")]
    ['trial, slack 0.1', 'trial, slack 0.2']
    """
    read_form(ScenarioFile, _outline(tables), called="a table")
    shared = {key: value for key, value in tables.items() if key not in _SETS}
    axes = list(_axes(tables.get("grid", {})))
    own = tables.get("scenario", [{}])
    count = before + len(own) * math.prod(len(axis.values) for axis in axes)
    if count > most:
        several = f", {before:,} of files before this one among them" if before else ""
        remedy = (
            f"At most {most:,} scenarios are taken{several}; give fewer values, or raise --most."
        )
        raise DataError("grid" if axes else "scenario", count, remedy)
    return [
        draft
        for number, keys in enumerate(own)
        for draft in _drafts(shared, keys, axes, name=name, number=number, several=len(own) > 1)
    ]


def _drafts(
    shared: Table, keys: Table, axes: list[Axis], *, name: str, number: int, several: bool
) -> Iterator[Draft]:
    """One scenario of a file with every combination of the grid."""
    table = _less_replaced({**shared, **keys}, axes)
    plain = str(shared.get("name", name))
    called = keys.get("name", f"{plain} {number + 1}" if several else plain)
    labels = _labels(axes, LONGEST_TEXT - len(str(called)))
    for places in product(*(range(len(axis.values)) for axis in axes)):
        made, name_parts = table, [str(called)]
        for axis, named, place in zip(axes, labels, places, strict=True):
            made = _with(made, axis.path, axis.values[place], key=axis.key)
            name_parts.append(f"{axis.path[-1]} {named[place]}")
        full = ", ".join(name_parts)
        yield Draft(
            name=full,
            table={**made, "name": full} if isinstance(called, str) else made,
            within=f"scenario[{number}]",
            own=keys,
            shared=shared,
            places={axis.key: place for axis, place in zip(axes, places, strict=True)},
            varied={
                key: value
                for axis, place in zip(axes, places, strict=True)
                for key, value in axis.column(place).items()
            },
        )


def _less_replaced(table: Table, axes: list[Axis]) -> Table:
    """A table without the dispersion of its choice, where the grid gives the one or the other."""
    profile = table.get("profile")
    choice = profile.get("choice") if isinstance(profile, dict) else None
    if (
        not isinstance(profile, dict)
        or not isinstance(choice, dict)
        or not any(axis.key in _DISPERSIONS for axis in axes)
    ):
        return table
    left = {key: value for key, value in choice.items() if f"{_CHOICE}.{key}" not in _DISPERSIONS}
    return {**table, "profile": {**profile, "choice": left}}


def _labels(axes: list[Axis], most: int) -> list[list[str]]:
    """Labels of values; numbers, if names of scenarios would get too long."""
    labels = [axis.labels() for axis in axes]
    letters = sum(
        len(f", {axis.path[-1]} ") + max(map(len, named))
        for axis, named in zip(axes, labels, strict=True)
    )
    return labels if letters <= most else [axis.numbers() for axis in axes]


def _axes(grid: Table, path: tuple[str, ...] = ()) -> Iterator[Axis]:
    """Keys of a grid, each with its values."""
    for key, value in grid.items():
        within = (*path, key)
        if isinstance(value, dict) and value:
            yield from _axes(value, within)
        elif isinstance(value, list) and value:
            yield Axis(path=within, values=value)
        else:
            remedy = "Give a list of the values that it is to take."
            raise DataError(f"grid.{'.'.join(within)}", value, remedy)


def _with(table: Table, path: tuple[str, ...], value: Any, *, key: str) -> dict[str, Any]:
    """A table with a value set at a path; a profile's name becomes changes to that profile."""
    first, *rest = path
    if not rest:
        return {**table, first: value}
    inner = table.get(first, PROFILE if first == "profile" else {})
    if first == "profile" and isinstance(inner, str):
        inner = {"base": inner}
    if not isinstance(inner, dict):
        raise DataError(f"grid.{key}", inner, f"{first} is no table, so that it has no such key.")
    return {**table, first: _with(inner, tuple(rest), value, key=key)}


def _plain(value: Any) -> Any:
    """A value without its source."""
    while isinstance(value, dict):
        value = next((each for key, each in value.items() if key != "source"), "none")
    return value


def _label(value: Any) -> str:
    """A value in a few words."""
    value = _plain(value)
    if isinstance(value, list):
        return " + ".join(map(_label, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
