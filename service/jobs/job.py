"""A job, as read from the records."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from service.web.problems.statuses import problem_head

STATES = ("accepted", "running", "successful", "failed", "dismissed", "gone")
"""States of OGC API - Processes; of a removed job only its name is left."""
_DETAIL = "Its record is damaged, or of another version of Vereda. Ask for it again."
DAMAGE: Mapping[str, Any] = {**problem_head(500, ""), "detail": _DETAIL}
"""The problem of a job whose record cannot be read."""
_IDENTITY = re.compile("[0-9a-f]{16}")
_LAST_MOMENT = 250_000_000_000.0
"""Before the year 10,000, beyond which no moment can be written."""


def make_identity() -> str:
    """A new id of a job."""
    return secrets.token_hex(8)


def is_identity(value: object) -> bool:
    """Whether a value from elsewhere can be the id of a job."""
    return isinstance(value, str) and _IDENTITY.fullmatch(value) is not None


@dataclass(frozen=True, kw_only=True)
class JobRecord:
    """One job.

    Parameters
    ----------
    row
        Number of its row, which addresses it also where its id is damaged.
    key
        Hash of network, scenario and seed: equal questions share a job.
    request
        The question, as it was sent and checked.
    progress
        Percent.
    attempts
        Number of times that the job was begun.
    problem
        Reason of a failure: kind of error, field, value and remedy.
    bytes
        Size of its results.
    beat
        Time of the last sign of life of the process that runs it.
    damaged
        Whether a part of the record could not be read; it is as if that were empty.
    """

    row: int
    id: str
    key: str
    state: str
    request: Mapping[str, Any]
    message: str
    progress: int
    attempts: int
    problem: Mapping[str, Any] | None
    bytes: int
    beat: float
    created: float
    started: float | None
    finished: float | None
    updated: float
    damaged: bool = False


class Finished(NamedTuple):
    """Data of a finished job that decide whether it is removed to make room."""

    row: int
    finished: float
    bytes: int


def read_job(row: sqlite3.Row) -> JobRecord:
    """The job of a row of the records with its number, as far as it can be read.

    One damaged row must not keep anybody from all others. What is no state that we know is a
    failure, and a failure without a reason has `DAMAGE` as its problem.
    """
    values: dict[str, Any] = {}
    damaged = False
    for name, (read, otherwise) in COLUMNS.items():
        try:
            values[name] = read(row[name])
        except (ValueError, TypeError, RecursionError):
            values[name], damaged = otherwise, True
    if damaged and values["state"] == "failed" and values["problem"] is None:
        values["problem"] = DAMAGE
    return JobRecord(row=row["row"], **values, damaged=damaged)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _identity(value: object) -> str:
    if not is_identity(value):
        raise ValueError
    return str(value)


def _state(value: object) -> str:
    if value not in STATES:
        raise ValueError
    return str(value)


def _count(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError
    return value


def _moment(value: object) -> float:
    if not isinstance(value, int | float) or not 0.0 <= value < _LAST_MOMENT:
        raise ValueError
    return value


def _moment_or_none(value: object) -> float | None:
    return None if value is None else _moment(value)


def _members(value: object) -> Mapping[str, Any]:
    members = json.loads(_text(value))
    if not isinstance(members, dict):
        raise TypeError
    return members


def _problem_or_none(value: object) -> Mapping[str, Any] | None:
    if value is None:
        return None
    problem = _members(value)
    if not isinstance(problem.get("detail"), str):
        raise TypeError
    # Its reason is what counts; without a status it could not be sent.
    sound = problem.get("status") in range(400, 600)
    return problem if sound else {**problem, **problem_head(500, "")}


COLUMNS: Mapping[str, tuple[Callable[[object], object], object]] = {
    "id": (_identity, ""),
    **dict.fromkeys(("key", "message"), (_text, "")),
    "state": (_state, "failed"),
    "request": (_members, {}),
    "problem": (_problem_or_none, None),
    **dict.fromkeys(("progress", "attempts", "bytes"), (_count, 0)),
    **dict.fromkeys(("beat", "created", "updated"), (_moment, 0.0)),
    **dict.fromkeys(("started", "finished"), (_moment_or_none, None)),
}
"""How each column is read, and what is there when it cannot be."""
