"""A job, as read from the records."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, kw_only=True)
class JobRecord:
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
        Number of times that the job was begun.
    problem
        Reason of a failure: kind of error, field, value and remedy.
    bytes
        Size of its results.
    beat
        Time of the last sign of life of the process that runs it.
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
    """Data of a finished job that decide whether it is removed to make room."""

    id: str
    finished: float
    bytes: int


def read_job(row: sqlite3.Row) -> JobRecord:
    """The job of a row of the records.

    Raises
    ------
    sqlite3.DataError
        When the row is not a job.
    """
    values = dict(row)
    try:
        problem = values.pop("problem")
        return JobRecord(
            **{**values, "request": json.loads(values["request"])},
            problem=json.loads(problem) if problem else None,
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise sqlite3.DataError(f"the record of job {values.get('id')} is damaged") from error
