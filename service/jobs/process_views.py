"""``POST /corridors``, and the same as a process of OGC API - Processes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from geodata.errors import DataError, InputError
from service.corridors.answers import answers_of
from service.corridors.limits import limits_of
from service.corridors.scenario_schema import Execution, read_body, read_json, read_question
from service.corridors.schemas import standing_alone
from service.corridors.views import answered, reply
from service.features.result_views import LAYERS
from service.jobs.views import PROCESS, accept
from service.state import State, current
from service.web.deadline import check
from service.web.operations import Record, content, in_path, operation, readable
from service.web.problems.problems import Refusal
from service.web.replies.replies import GEOJSON, JSON, Link, address, json_reply, link
from service.web.requests.query import MOST, USUAL, Query

_EXECUTE = "http://www.opengis.net/def/rel/ogc/1.0/execute"
_REFUSALS = (400, 401, 403, 404, 413, 415, 429, 500, 503)
blueprint = Blueprint("processes", __name__)


@blueprint.post("/corridors")
def scenario() -> Response:
    """Corridors of a scenario: at once, or as a job when it has draws or takes long."""
    Query(request.args)
    return _answer(read_json())


@blueprint.post(f"/processes/{PROCESS}/execution")
def execution() -> Response:
    """The same, with the scenario as the inputs of a process."""
    Query(request.args)
    return _answer(read_body(Execution, read_json()).inputs)


def _answer(body: dict[str, Any]) -> Response:
    question = read_question(body)
    limits = limits_of()
    limits.check(question)
    rather = _prefers_job() and not question.alternatives
    try:
        if limits.live(question) and not rather:
            return reply(answered(question), min(body.get("limit", USUAL), MOST))
        answers_of().router.check(question.scenario, check=check)
    except DataError as error:
        if isinstance(body.get("profile"), dict):
            # An end named by the client that the network does not have.
            raise InputError(error.field, error.value, error.remedy) from error
        raise
    if question.alternatives:
        remedy = "They are sought between one origin and one destination, at once."
        raise InputError("alternatives", question.alternatives, remedy)
    response = accept(question, {name: body[name] for name in body if name != "limit"})
    if rather:
        response.headers["Preference-Applied"] = "respond-async"
    return response


def _prefers_job() -> bool:
    """Whether the client prefers an asynchronous answer (RFC 7240)."""
    preferences = request.headers.get("Prefer", "").lower().split(",")
    return any(part.strip().split(";")[0].strip() == "respond-async" for part in preferences)


@blueprint.get("/processes")
def processes() -> Response:
    """List of processes, which has one entry."""
    Query(request.args)
    links = [link(address("/processes"), "self", "This list")]
    return json_reply({"processes": [_summary()], "links": links}, links=links)


@blueprint.get("/processes/<identity>")
def process(identity: str) -> Response:
    """Inputs and outputs of the process."""
    Query(request.args)
    if identity != PROCESS:
        raise Refusal(404, "processID", identity, f"There is one process: {PROCESS}.")
    inputs = {
        name: {"title": name.replace("_", " ").capitalize(), "schema": entry, "minOccurs": 0}
        for name, entry in standing_alone("scenario", current().known)["properties"].items()
    }
    outputs = {
        name: {"title": name.capitalize(),
               "schema": {"type": "object", "contentMediaType": GEOJSON}}
        for name in LAYERS
    }  # fmt: skip
    return json_reply({**_summary(), "inputs": inputs, "outputs": outputs})


def _summary() -> Record:
    base = f"/processes/{PROCESS}"
    links: list[Link] = [
        link(address(base), "self", "This process"),
        link(address(f"{base}/execution"), _EXECUTE, "Run it"),
    ]
    return {
        "id": PROCESS,
        "version": "1.0.0",
        "title": "Corridors of a scenario",
        "description": "Families of near-optimal paths of a flow, with intervals from draws.",
        "jobControlOptions": ["sync-execute", "async-execute", "dismiss"],
        "outputTransmission": ["reference"],
        "links": links,
    }


def paths(state: State) -> Record:
    """OpenAPI paths of this module."""
    contents = {200: content(GEOJSON, "corridors"), 201: content(JSON, "statusInfo")}
    named = in_path("processID", "Id of a process", {"type": "string", "enum": [PROCESS]})
    return {
        "/corridors": {
            "post": operation("Corridors", "scenario", "Corridors of a whole scenario", contents,
                              body=content(JSON, "scenario"), refusals=_REFUSALS),
        },
        "/processes": readable("Jobs", "processes", "Processes", content(JSON)),
        "/processes/{processID}": readable("Jobs", "process", "What a process takes and gives",
                                           content(JSON), parameters=[named],
                                           refusals=(400, 404, 500)),
        f"/processes/{PROCESS}/execution": {
            "post": operation("Jobs", "execution", "Run a process", contents,
                              body=content(JSON, "execution"), refusals=_REFUSALS),
        },
    }  # fmt: skip
