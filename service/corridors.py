"""``GET /corridors``: corridors computed live, for web maps."""

from __future__ import annotations

from flask import Blueprint, Response, request

from routes.band import MAX_SLACK
from routes.profiles import shipped
from service.answers import Answer, Question
from service.operations import Record, content, parameter, readable, shared
from service.query import MOST, USUAL, Query
from service.replies import GEOJSON, text_reply
from service.state import State, current

PROFILE = "cocaine-north"
SLACK = 0.15
ENDS = 8
"""Origins, or destinations, at most in one question."""
MAX_AGE = 300

blueprint = Blueprint("corridors", __name__)


@blueprint.get("/corridors")
def corridors() -> Response:
    """Corridors of a flow, most used first, as a FeatureCollection."""
    query = Query(request.args, ("profile", "slack", "limit"), repeatable=("from", "to"))
    question = Question(
        profile=query.text("profile", PROFILE),
        origins=query.texts("from", most=ENDS),
        destinations=query.texts("to", most=ENDS),
        slack=query.number("slack", SLACK),
    )
    limit = query.whole("limit", USUAL, least=1, most=MOST)
    answer = current().answers.answer(question)
    response = text_reply(_body(answer, limit), GEOJSON, max_age=MAX_AGE)
    response.headers["Server-Timing"] = ", ".join(
        f"{step};dur={1000 * seconds:.1f}" for step, seconds in answer.seconds.items()
    )
    return response


def _body(answer: Answer, limit: int) -> str:
    shown = answer.corridors[:limit]
    return (
        '{"type":"FeatureCollection",'
        f'"numberMatched":{len(answer.corridors)},"numberReturned":{len(shown)},'
        f'{answer.members},"features":[\n' + ",\n".join(shown) + "\n]}\n"
    )


def paths(state: State) -> Record:
    """What this part serves."""
    return {
        "/corridors": readable(
            "Corridors",
            "corridors",
            "Corridors of a flow, most used first",
            content(GEOJSON, "corridors"),
            parameters=_parameters(),
            refusals=(400, 404, 500),
        ),
    }


def _parameters() -> list[Record]:
    ends = {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": ENDS}
    told = "LON,LAT or the name of a place; may be repeated. The profile's own when left out."
    slack = {"type": "number", "minimum": 0, "maximum": MAX_SLACK, "default": SLACK}
    profile = {"type": "string", "enum": list(shipped()), "default": PROFILE}
    return [
        parameter("profile", "Flow profile", profile),
        parameter("from", f"Origin: {told}", ends, explode=True, example=["San Pedro Sula"]),
        parameter("to", f"Destination: {told}", ends, explode=True, example=["-92.14,14.68"]),
        parameter("slack", "Extra cost allowed, as a share of the best", slack),
        *shared("limit"),
    ]
