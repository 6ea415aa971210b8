"""``/jobs``: scenarios that take long, in the shape of OGC API - Processes (18-062r2)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from geodata.errors import DataError, InputError, LostError
from geodata.formats.files.seals import Seal
from geodata.publication.results.reading import read_result
from service.corridors.question import Question
from service.features.result_views import kinds, listing, name_parameter, part
from service.jobs.job import STATES, JobRecord
from service.jobs.queue import queue_of
from service.jobs.records import FullError, records_of
from service.jobs.runner import job_key, results_of
from service.state import State, current
from service.web.operations import Record, content, in_path, operation, parameter, readable, shared
from service.web.problems.problems import Refusal, recorded_problem
from service.web.replies.replies import JSON, Link, address, json_reply, link
from service.web.requests.query import MOST, USUAL, Query

PROCESS = "corridors"
LISTED = STATES[:-1]
_AGAIN = "Dismiss the job with DELETE, then ask for it again."
"""Equal questions share a job, so that a repeated question gets the same job."""

blueprint = Blueprint("jobs", __name__)
logger = logging.getLogger("vereda.jobs")


def accept(question: Question, scenario: Mapping[str, Any]) -> Response:
    """Make a job for a question, or find the existing one; 201 with its address.

    Parameters
    ----------
    question
        The question, as it was checked.
    scenario
        The same as it was sent, for the record.

    Raises
    ------
    Refusal
        503, when the largest number of waiting jobs is reached.
    """
    state = current()
    network = state.network.digest
    record = {"network": network, "scenario": dict(scenario)}
    most = state.settings.jobs_waiting
    try:
        job, fresh = records_of().enter(job_key(network, question), record, most=most)
    except FullError as error:
        remedy = "Ask again when some of them are done, or dismiss one."
        raise Refusal(503, "jobs", f"{most} jobs wait", remedy, {"Retry-After": "30"}) from error
    if fresh:
        _send(job.id)
    response = json_reply(_status(job))
    response.status_code = 201
    response.headers["Location"] = address(f"/jobs/{job.id}")
    return response


def _send(identity: str) -> None:
    """Put a job in the queue; if that fails, the worker finds it in the records."""
    try:
        queue_of().send(identity)
    except Exception:
        logger.warning("job %s is not queued yet", identity, exc_info=True)


@blueprint.get("/jobs")
def jobs() -> Response:
    """Jobs, the last first."""
    query = Query(request.args, ("limit", "offset", "status"))
    limit = query.integer("limit", USUAL, least=1, most=MOST)
    offset = query.integer("offset", 0, least=0)
    states = tuple(part.strip() for part in query.text("status", ",".join(LISTED)).split(","))
    for name in states:
        if name not in LISTED:
            raise InputError("status", name, f"Give some of: {', '.join(LISTED)}.")
    listed, count = records_of().page(states=states, limit=limit, offset=offset)
    parameters = {"status": ",".join(states)} if "status" in request.args else {}
    links = [link(address("/jobs", request.args.to_dict()), "self", "This page")]
    for rel, turn in _turns(limit, offset, count).items():
        place = address("/jobs", {**parameters, **turn})
        links.append(link(place, rel, f"{rel.capitalize()} page"))
    record = {"jobs": [_status(job) for job in listed], "links": links,
              "numberMatched": count, "numberReturned": len(listed)}  # fmt: skip
    return json_reply(record, links=links)


def _turns(limit: int, offset: int, count: int) -> dict[str, dict[str, int]]:
    """Offsets and lengths of the pages before and after one; they repeat no job."""
    pages = {}
    if offset + limit < count:
        pages["next"] = {"limit": limit, "offset": offset + limit}
    if offset:
        before = min(offset, count)
        pages["prev"] = {"limit": min(limit, before) or limit, "offset": max(before - limit, 0)}
    return pages


@blueprint.get("/jobs/<identity>")
def job(identity: str) -> Response:
    """How far a job is."""
    Query(request.args)
    return json_reply(_status(_find(identity)))


@blueprint.delete("/jobs/<identity>")
def dismiss(identity: str) -> Response:
    """End a job, or give up its results."""
    Query(request.args)
    job = _find(identity)
    if not records_of().dismiss(job.id):
        raise Refusal(410, "jobID", identity, "This job has been dismissed already.")
    return json_reply(_status(_find(identity)))


@blueprint.get("/jobs/<identity>/results")
def results(identity: str) -> Response:
    """Addresses of the results of a job."""
    Query(request.args)
    _directory(_find(identity))
    up = link(address(f"/jobs/{identity}"), "up", "The job")
    return json_reply(listing(f"/jobs/{identity}/results", up))


@blueprint.get("/jobs/<identity>/results/<name>")
def result(identity: str, name: str) -> Response:
    """One result of a job."""
    Query(request.args)
    job = _find(identity)
    return part(_files(_directory(job)), name, etag=job.key)


@lru_cache(maxsize=128)
def _files(directory: Path) -> Mapping[str, Seal]:
    """The files of the results of a job; those of a job do not change.

    Raises
    ------
    LostError
        When a file was removed or changed.
    """
    try:
        return read_result(directory)[1]
    except DataError as error:
        remedy = f"{error.remedy.split('. ')[0].rstrip('.')}. {_AGAIN}"
        raise LostError(error.field, Path(str(error.value)).name, remedy) from error


def _find(identity: str) -> JobRecord:
    """A job.

    Raises
    ------
    Refusal
        404 when there never was one, 410 when it was removed.
    """
    job = records_of().find(identity)
    if job is None:
        raise Refusal(404, "jobID", identity, "There is no such job; they are listed at /jobs.")
    if job.state == "gone":
        raise Refusal(410, "jobID", identity, "It was removed to make room; ask for it again.")
    return job


class _Failed(HTTPException):
    """The problem of a failed job, sent in place of its results."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(response=recorded_problem(problem))


def _directory(job: JobRecord) -> Path:
    """Directory of the results of a job.

    Raises
    ------
    Refusal
        404 before it is done, 410 after it was dismissed.
    LostError
        When they were removed by another program.
    """
    if job.state == "dismissed":
        raise Refusal(410, "jobID", job.id, "This job was dismissed; ask for it again.")
    if job.state == "failed" and job.problem:
        raise _Failed(job.problem)
    if job.state != "successful":
        remedy = f"It has no results yet; ask when {address(f'/jobs/{job.id}')} says successful."
        raise Refusal(404, "results", job.state, remedy)
    directory = results_of(current().settings.jobs, job.id)
    if not directory.is_dir():
        raise LostError("results", job.id, f"They were removed. {_AGAIN}")
    return directory


def _status(job: JobRecord) -> Record:
    """A job as ``statusInfo``."""
    record: Record = {
        "jobID": job.id,
        "processID": PROCESS,
        "type": "process",
        "status": job.state,
        "message": job.message,
        "progress": job.progress,
        "created": _moment(job.created),
        "started": _moment(job.started),
        "finished": _moment(job.finished),
        "updated": _moment(job.updated),
    }
    links: list[Link] = [link(address(f"/jobs/{job.id}"), "self", "This job")]
    if job.state == "successful":
        rel = "http://www.opengis.net/def/rel/ogc/1.0/results"
        links.append(link(address(f"/jobs/{job.id}/results"), rel, "Results"))
    known = {key: value for key, value in record.items() if value is not None}
    if job.problem:
        known["exception"] = dict(job.problem)
    return {**known, "attempts": job.attempts, "links": links}


def _moment(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def paths(state: State) -> Record:
    """OpenAPI paths of this module."""
    identity = in_path("jobID", "Id of a job")
    status = content(JSON, "statusInfo")
    gone = (400, 404, 410, 500, 503)
    every: Record = {"type": "array", "items": {"type": "string", "enum": list(LISTED)}}
    return {
        "/jobs": readable(
            "Jobs", "jobs", "Jobs, the last first", content(JSON, "jobList"),
            parameters=[parameter("status", "States asked for", every), *shared("limit", "offset")],
            refusals=(400, 500, 503),
        ),
        "/jobs/{jobID}": {
            **readable("Jobs", "job", "How far a job is", status, parameters=[identity],
                       refusals=gone),
            "delete": operation("Jobs", "dismiss", "Dismiss a job", {200: status},
                                parameters=[identity], refusals=gone),
        },
        "/jobs/{jobID}/results": readable(
            "Jobs", "results", "Where the results of a job are", content(JSON),
            parameters=[identity], refusals=(*gone, 504),
        ),
        "/jobs/{jobID}/results/{name}": {
            "get": operation(
                "Jobs", "job_result", "One result of a job",
                {200: kinds(), 206: kinds(), 304: None}, parameters=[identity, name_parameter()],
                refusals=(*gone, 416, 504),
            )
        },
    }  # fmt: skip


def schemas() -> Record:
    """Schemas of ``components`` that this part needs."""
    text: Record = {"type": "string"}
    moment = {"type": "string", "format": "date-time"}
    links = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
    status: Record = {
        **dict.fromkeys(("jobID", "processID", "message"), text),
        "type": {"type": "string", "enum": ["process"]},
        "status": {"type": "string", "enum": list(LISTED)},
        "progress": {"type": "integer", "minimum": 0, "maximum": 100},
        **dict.fromkeys(("created", "started", "finished", "updated"), moment),
        "attempts": {"type": "integer", "minimum": 0},
        "exception": {"$ref": "#/components/schemas/problem"},
        "links": links,
    }
    needed = ["jobID", "type", "status"]
    entry = {"type": "object", "properties": status, "required": needed}
    page = {"jobs": {"type": "array", "items": {"$ref": "#/components/schemas/statusInfo"}},
            "links": links}  # fmt: skip
    return {
        "statusInfo": entry,
        "jobList": {"type": "object", "properties": page, "required": ["jobs", "links"]},
    }
