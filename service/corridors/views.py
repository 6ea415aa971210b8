"""``GET /corridors``: corridors computed live, for web maps."""

from __future__ import annotations

import time

from flask import Blueprint, Response, request

from geodata.errors import InputError
from geodata.formats.geojson.features import SEPARATOR, envelope
from routes.scenario.forms.scenario_form import Inputs
from routes.scenario.keys.fields import ALTERNATIVES, AVOID, CLOSE, PROFILE, SLACK, STRENGTHEN, VIA
from routes.scenario.profiles import profile_names
from service.corridors.answers import Answer, answers_of
from service.corridors.limits import limits_of
from service.corridors.question import Question
from service.corridors.scenario_schema import read_body
from service.corridors.schemas import standing_alone
from service.state import State
from service.web.deadline import clock
from service.web.metrics.metrics import measure_computing
from service.web.operations import Record, content, parameter, readable, shared
from service.web.replies.replies import GEOJSON, MAX_AGE, text_reply
from service.web.requests.query import MOST, USUAL, Query

ONCE = ("profile", "slack", "alternatives", "limit")
"""Parameters that may appear once."""
ENDS = 8
"""Largest number of origins, or of destinations, in a question."""
NAMED = {
    "from": ENDS,
    "to": ENDS,
    "via": VIA.most,
    "avoid": AVOID.most,
    "close": CLOSE.most,
    "strengthen": STRENGTHEN.most,
}
"""Parameters that may be repeated, and how often."""

blueprint = Blueprint("corridors", __name__)


@blueprint.get("/corridors")
def corridors() -> Response:
    """Corridors of a flow, most used first, as a FeatureCollection."""
    query = Query(request.args, ONCE, repeatable=NAMED)
    question = _question(query)
    limit = query.integer("limit", USUAL, least=1, most=MOST)
    limits_of().check_live(question)
    return reply(answered(question), limit, max_age=MAX_AGE)


def _question(query: Query) -> Question:
    """The question of the parameters, which are members of a body written as texts."""
    texts = {
        "profile": query.text("profile", PROFILE),
        "slack": query.number("slack", SLACK.default),
        "alternatives": query.integer("alternatives", ALTERNATIVES.default, least=0),
        **{name: list(query.texts(name, most=most)) for name, most in NAMED.items()},
    }
    try:
        return Question.of(read_body(Inputs, texts))
    except InputError as error:
        # Errors name a member of a list with its index, ``from[1]``, but a parameter by its name
        # alone.
        raise InputError(error.field.partition("[")[0], error.value, error.remedy) from error


def answered(question: Question) -> Answer:
    """The answer to a question; the work stops when the client leaves."""
    return answers_of().answer(question, clock())


def reply(answer: Answer, limit: int, *, max_age: int = 0) -> Response:
    """An answer as GeoJSON, with the time of each step."""
    if "compute" in answer.seconds:
        measure_computing(answer.seconds["compute"])
    begun = time.perf_counter()
    body = _body(answer, limit)
    encoding = answer.seconds.get("encode", 0.0) + time.perf_counter() - begun
    response = text_reply(body, GEOJSON, max_age=max_age)
    response.headers["Server-Timing"] = ", ".join(
        f"{step};dur={1000 * seconds:.1f}"
        for step, seconds in {**answer.seconds, "encode": encoding}.items()
    )
    return response


def _body(answer: Answer, limit: int) -> bytes:
    shown = answer.corridors.first(limit)
    counts = f'"numberMatched":{len(answer.corridors)},"numberReturned":{len(shown)}'
    head, foot = envelope(counts.encode() + b"," + answer.members)
    return b"".join((head, SEPARATOR.join(shown), foot))


def paths(state: State) -> Record:
    """OpenAPI paths of this module."""
    return {
        "/corridors": readable(
            "Corridors",
            "corridors",
            "Corridors of a flow, most used first",
            content(GEOJSON, "corridors"),
            parameters=question_parameters(state),
            refusals=(400, 404, 500, 503),
        ),
    }


def question_parameters(state: State) -> list[Record]:
    """Parameters of a question in the OpenAPI document."""
    known = state.known
    fields = standing_alone("scenario", known)["properties"]
    profile = {"type": "string", "enum": list(profile_names()), "default": PROFILE}
    point = (
        "LON,LAT, the name of a place, or a collection (airstrips, crossings, places, ports) in a "
        f"country or district, such as ports:{known.country} or places:{known.unit}. The "
        "profile's own when left out."
    )
    return [
        parameter("profile", "Flow profile", profile),
        _names("from", {**fields["from"], "description": f"Origin: {point}"}),
        _names(
            "to",
            {**fields["to"], "description": f"Destination: {point}", "example": [known.point]},
        ),
        _number("slack", fields["slack"]),
        *(_names(name, fields[name]) for name in ("via", "avoid", "close", "strengthen")),
        _number("alternatives", fields["alternatives"]),
        *shared("limit"),
    ]


def _number(name: str, field: Record) -> Record:
    """A numeric parameter, with the schema of the same member of a body."""
    schema = {key: field[key] for key in field if key != "description"}
    return parameter(name, field["description"], schema)


def _names(name: str, field: Record) -> Record:
    """A parameter that may be repeated; texts may have commas, so that each text is a parameter."""
    schema: Record = {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "maxItems": NAMED[name],
        "uniqueItems": field.get("uniqueItems", False),
    }
    example = field["example"]
    meaning = f"{field['description']} May be repeated."
    return parameter(name, meaning, schema, explode=True, example=example)
