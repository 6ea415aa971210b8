"""``GET /corridors``: corridors computed live, for web maps."""

from __future__ import annotations

import time

from flask import Blueprint, Response, request

from geodata.borderlands.examples import EXAMPLES
from geodata.errors import InputError
from geodata.formats.geojson.features import SEPARATOR, envelope
from routes.scenario.profiles import profile_names
from routes.scenario.scenario_form import ALTERNATIVES, EDITS, PROFILE, SLACK, STOPS
from routes.search.band import MAX_SLACK
from service.corridors.answers import Answer, answers_of
from service.corridors.limits import limits_of
from service.corridors.question import Question, Wording
from service.state import State
from service.web.deadline import clock
from service.web.metrics import measure_computing
from service.web.operations import Record, content, parameter, readable, shared
from service.web.query import MOST, USUAL, Query
from service.web.replies.replies import GEOJSON, text_reply

ENDS = 8
"""Origins, or destinations, at most in one question."""
ONCE = ("profile", "slack", "alternatives", "limit")
"""Parameters that are given once."""
NAMED = ("from", "to", "via", "avoid", "close", "strengthen")
"""Parameters that may be repeated."""
MAX_AGE = 300

blueprint = Blueprint("corridors", __name__)


@blueprint.get("/corridors")
def corridors() -> Response:
    """Corridors of a flow, most used first, as a FeatureCollection."""
    query = Query(request.args, ONCE, repeatable=NAMED)
    question = Wording(
        profile=query.text("profile", PROFILE),
        origins=query.texts("from", most=ENDS),
        destinations=query.texts("to", most=ENDS),
        slack=query.number("slack", SLACK),
        via=query.texts("via", most=STOPS),
        avoid=query.texts("avoid", most=EDITS),
        shut=query.texts("close", most=EDITS),
        strengthen=query.texts("strengthen", most=EDITS),
        alternatives=query.integer("alternatives", 0, least=0),
    ).question()
    if question.alternatives > ALTERNATIVES:
        remedy = f"Give at most {ALTERNATIVES}."
        raise InputError("alternatives", query.text("alternatives", ""), remedy)
    limit = query.integer("limit", USUAL, least=1, most=MOST)
    limits_of().check_live(question)
    return reply(answered(question), limit, max_age=MAX_AGE)


def answered(question: Question) -> Answer:
    """The answer to a question, worked out no longer than its client waits for it."""
    return answers_of().answer(question, clock())


def reply(answer: Answer, limit: int, *, max_age: int = 0) -> Response:
    """An answer as GeoJSON, with the time that its steps took."""
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


def _body(answer: Answer, limit: int) -> str:
    shown = answer.corridors.first(limit)
    counts = f'"numberMatched":{len(answer.corridors)},"numberReturned":{len(shown)}'
    head, foot = envelope(f"{counts},{answer.members}")
    return head + SEPARATOR.join(shown) + foot


def paths(state: State) -> Record:
    """What this part serves."""
    return {
        "/corridors": readable(
            "Corridors",
            "corridors",
            "Corridors of a flow, most used first",
            content(GEOJSON, "corridors"),
            parameters=question_parameters(),
            refusals=(400, 404, 500, 503),
        ),
    }


def question_parameters() -> list[Record]:
    """Parameters that ask for corridors, as the document tells them."""
    profile = {"type": "string", "enum": list(profile_names()), "default": PROFILE}
    slack = {"type": "number", "minimum": 0, "maximum": MAX_SLACK, "default": SLACK}
    ways = {"type": "integer", "minimum": 0, "maximum": ALTERNATIVES, "default": 0}
    point = (
        "LON,LAT, the name of a place, or a collection (airstrips, crossings, places, ports) in a "
        f"country or district, such as ports:{EXAMPLES.country} or "
        f"airstrips:{EXAMPLES.remote_unit}; may be repeated. The profile's own when left out."
    )
    thing = "gateway, place, district, country or mode, by name or id; may be repeated."
    return [
        parameter("profile", "Flow profile", profile),
        _names("from", f"Origin: {point}", ENDS, [EXAMPLES.origin], once=True),
        _names("to", f"Destination: {point}", ENDS, [EXAMPLES.point], once=True),
        parameter("slack", "Extra cost allowed, as a share of the best", slack),
        _names("via", f"What every path must pass, in order: {thing}", STOPS, [EXAMPLES.water]),
        _names("avoid", f"What no path may pass: {thing}", EDITS, ["sea"]),
        _names("close", f"What is closed: {thing}", EDITS, [EXAMPLES.crossing]),
        _names(
            "strengthen",
            f"NAME=HOURS or NAME=xFACTOR makes dearer a {thing}",
            EDITS,
            [f"{EXAMPLES.crossing}=6"],
        ),
        parameter("alternatives", "Further ways between one origin and one destination", ways),
        *shared("limit"),
    ]


def _names(
    name: str, description: str, most: int, example: list[str], *, once: bool = False
) -> Record:
    """A parameter that may be repeated; the texts hold commas, so that each is its own."""
    schema: Record = {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "maxItems": most,
        "uniqueItems": once,
    }
    return parameter(name, description, schema, explode=True, example=example)
