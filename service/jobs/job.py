"""A job, as the records tell it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job.

    Parameters
    ----------
    key
        Hash of network, scenario and seed: equal questions share a job.
    request
        The question, as it was sent and checked.
    progress
        Percent.
    attempts
        Times that it was begun.
    problem
        Why it failed: kind of error, field, value and remedy.
    bytes
        Size of its results.
    beat
        When the process that runs it last showed a sign of life.
    """

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


class Finished(NamedTuple):
    """What it takes to know which finished jobs are to make room."""

    id: str
    finished: float
    bytes: int


def read_job(row: sqlite3.Row) -> Job:
    """The job of a row of the records.

    Raises
    ------
    sqlite3.DataError
        When what is there is no job.
    """
    values = dict(row)
    try:
        problem = values.pop("problem")
        return Job(
            **{**values, "request": json.loads(values["request"])},
            problem=json.loads(problem) if problem else None,
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise sqlite3.DataError(f"the record of job {values.get('id')} is damaged") from error
