"""Scenarios as JSON bodies: their schema, and how they are read, strictly."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from flask import request
from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError, best_match

from geodata.errors import DataError, InputError
from geodata.network import MODES
from routes.band import MAX_SLACK
from routes.profiles import FEES, LAYERS, NEEDED, WEIGHTS, profile_of, shipped
from routes.ranges import DEMAND, HOURS, RATE, SHARE, THETA, WEIGHT, Range
from service.answers import Question
from service.corridors import ALTERNATIVES, EDITS, PROFILE, SLACK, STOPS
from service.operations import Record
from service.problems import Refusal
from service.query import MOST, USUAL
from service.replies import JSON

ENDS = 50
"""Origins, or destinations, at most."""
_TEXT: Record = {"type": "string", "minLength": 1, "maxLength": 200}
_SOURCE: Record = {"type": "string", "minLength": 1, "maxLength": 2000}
_DEGREES: Record = {"type": "number", "minimum": -180, "maximum": 180}
_HOURS = 1000.0
_PROFILE = "the name of a shipped profile, or a profile of one's own as an object"
_MOST_SEED = 2**31 - 1


def read_json() -> dict[str, Any]:
    """The JSON object that a request sends.

    Raises
    ------
    Refusal
        415, when it is sent as something else.
    InputError
        When it is no JSON object, or holds a name twice or a number that is none.
    """
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != JSON or charset not in ("utf-8", "utf8"):
        remedy = f"Send JSON in UTF-8, with the header Content-Type: {JSON}."
        raise Refusal(415, "Content-Type", request.content_type or "", remedy)
    try:
        text = request.get_data(cache=False).decode("utf-8")
        body = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite
        )
        # Half of a surrogate pair is no text, though JSON can spell it.
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    except (UnicodeError, RecursionError) as error:
        raise InputError("body", "", "It is no JSON text in UTF-8, or nested too deep.") from error
    except InputError:
        raise
    except ValueError as error:
        raise InputError("body", str(error), "Mend the JSON there.") from error
    if not isinstance(body, dict):
        raise InputError("body", type(body).__name__, "Send a JSON object.")
    return body


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for name, value in pairs:
        if name in record:
            raise InputError(name[:200], value, "It is there twice; give it once.")
        record[name] = value
    return record


def _no_number(text: str) -> float:
    raise InputError("body", text, "JSON has no such number; give a finite one.")


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _no_number(text[:40])


def check(body: Mapping[str, Any], schema: Record) -> None:
    """Refuse a body that is not as its schema says.

    Raises
    ------
    InputError
        Naming the member by its path.
    """
    error = best_match(Draft4Validator(schema).iter_errors(body))
    if error is None:
        return
    path = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        raise _unknown(error, path)
    raise InputError(path or "body", _short(error.instance), f"{_remedy(error)}.")


def _unknown(error: ValidationError, path: str) -> InputError:
    known = list(error.schema["properties"])
    name = next(name for name in error.instance if name not in known)
    near = get_close_matches(name, known, n=1)
    guess = f"Did you mean {near[0]!r}? " if near else ""
    remedy = f"{guess}Members here: {', '.join(known)}."
    return InputError(f"{path}.{name}"[-200:].lstrip("."), _short(error.instance[name]), remedy)


def _remedy(error: ValidationError) -> str:
    """What is expected, in words."""
    wanted = error.validator_value
    if error.validator == "required":
        absent = next(name for name in wanted if name not in error.instance)
        return f"Give {absent!r} too"
    words = {
        "anyOf": f"Give {error.schema.get('description', 'what the schema at /api asks for')}",
        "type": f"Give {_kind(wanted)}",
        "enum": f"One of: {', '.join(str(each) for each in wanted or ())}"
        if error.validator == "enum" else "",
        "minimum": f"Give {wanted} or more",
        "maximum": f"Give at most {wanted}",
        "minLength": "Give a text that is not empty",
        "maxLength": f"Give a text of at most {wanted} letters",
        "minItems": f"Give at least {wanted}",
        "maxItems": f"Give at most {wanted}",
        "uniqueItems": "Give each once",
    }  # fmt: skip
    return words.get(str(error.validator)) or "See the schema at /api"


def _kind(wanted: object) -> str:
    kinds = {"object": "an object", "array": "a list", "string": "a text", "number": "a number",
             "integer": "a whole number"}  # fmt: skip
    return kinds.get(str(wanted), str(wanted))


def _short(value: object) -> object:
    return value if len(str(value)) <= 200 else f"{str(value)[:200]}..."


def read_question(body: Mapping[str, Any]) -> Question:
    """The question of a body.

    Raises
    ------
    InputError
        When a member is unknown or wrong.
    """
    check(body, scenario_schema(inline=True))
    if body.get("draws") == 1:
        raise InputError("draws", 1, "Give 0, or two at least; 100 make a fair interval.")
    if body.get("draws") and body.get("alternatives"):
        remedy = "Alternatives have no intervals; leave them or the draws out."
        raise InputError("alternatives", body["alternatives"], remedy)
    profile = body.get("profile", PROFILE)
    return Question.read(
        profile=profile if isinstance(profile, str) else read_profile(profile),
        origins=_texts(body, "from"),
        destinations=_texts(body, "to"),
        slack=float(body.get("slack", SLACK)),
        slack_hours=body.get("slack_hours"),
        via=_texts(body, "via"),
        avoid=_texts(body, "avoid"),
        shut=_texts(body, "close"),
        strengthen=_texts(body, "strengthen"),
        alternatives=body.get("alternatives", 0),
        draws=body.get("draws", 0),
        seed=body.get("seed", 1),
    )


def _texts(body: Mapping[str, Any], name: str) -> list[str]:
    texts = [text.strip() for text in body.get(name, ())]
    if not all(texts):
        raise InputError(name, "", "Give a name or LON,LAT, or leave it out.")
    return texts


def read_profile(table: Mapping[str, Any]) -> Any:
    """A client's own profile.

    Raises
    ------
    InputError
        When it is not as a profile has to be.
    """
    check({"profile": table}, {"properties": {"profile": profile_schema()}})
    try:
        return profile_of(table)
    except DataError as error:
        raise InputError(f"profile.{error.field}", _short(error.value), error.remedy) from error


def scenario_schema(*, inline: bool = False) -> Record:
    """Schema of a scenario.

    Parameters
    ----------
    inline
        A table for a profile is only an object; `read_profile` checks it.
    """
    table = {"type": "object"} if inline else {"$ref": "#/components/schemas/profile"}
    names: Record = {"type": "array", "items": _TEXT}
    seed = {"type": "integer", "minimum": 0, "maximum": _MOST_SEED, "default": 1}
    properties: Record = {
        "profile": {
            "description": _PROFILE,
            "anyOf": [{"type": "string", "enum": list(shipped())}, table],
            "default": PROFILE,
        },
        "from": {**names, "maxItems": ENDS, "uniqueItems": True, "example": ["San Pedro Sula"]},
        "to": {**names, "maxItems": ENDS, "uniqueItems": True, "example": ["Tapachula"]},
        "slack": {"type": "number", "minimum": 0, "maximum": MAX_SLACK, "default": SLACK},
        "slack_hours": {"type": "number", "minimum": 0, "maximum": _HOURS},
        "via": {**names, "maxItems": STOPS},
        "avoid": {**names, "maxItems": EDITS},
        "close": {**names, "maxItems": EDITS},
        "strengthen": {**names, "maxItems": EDITS, "example": ["Corinto=6"]},
        "alternatives": {"type": "integer", "minimum": 0, "maximum": ALTERNATIVES, "default": 0},
        "draws": {"type": "integer", "minimum": 0, "default": 0},
        "seed": seed,
        "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    }
    if inline:
        # A name is looked up with the nearest in mind, rather than held against a list.
        properties["profile"] = {
            "description": _PROFILE,
            "anyOf": [{"type": "string"}, table],
        }
    return _closed(properties)


def profile_schema() -> Record:
    """Schema of a profile: the keys of its TOML form."""
    return _closed(
        {
            "name": _TEXT,
            "title": _TEXT,
            "modes": _values(MODES, "rate", RATE),
            "weights": _values(WEIGHTS, "value", WEIGHT, required=True),
            "fees": _values(FEES, "hours", HOURS, required=True),
            "choice": _closed(
                {
                    "theta": _sourced("value", THETA),
                    "best_share": _sourced("value", SHARE),
                }
            ),
            "origins": _ends("demand"),
            "destinations": _ends("entry"),
            "pairs": {
                "type": "array",
                "maxItems": ENDS * ENDS,
                "items": _closed(
                    {"origin": _TEXT, "destination": _TEXT, "demand": _amount(DEMAND)},
                    "origin", "destination", "demand",
                ),
            },
        },
        "name", "title", "modes", "weights", "fees", "choice", "origins", "destinations",
    )  # fmt: skip


def _values(names: tuple[str, ...], unit: str, span: Range, *, required: bool = False) -> Record:
    """A section: by name, a number and its source."""
    return _closed(dict.fromkeys(names, _sourced(unit, span)), *(names if required else ()))


def _sourced(unit: str, span: Range) -> Record:
    """A number and its source."""
    return _closed({unit: _amount(span), "source": _SOURCE}, unit, "source")


def _ends(number: str) -> Record:
    span = DEMAND if number == "demand" else HOURS
    end = _closed(
        {"name": _TEXT, "at": _place(), "source": _SOURCE, number: _amount(span)},
        "name", "at", "source", number,
    )  # fmt: skip
    return {"type": "array", "minItems": 1, "maxItems": ENDS, "items": end}


def _place() -> Record:
    """Where an end is: a layer and what narrows it."""
    several: Record = {
        "description": "a text, or a list of texts",
        "anyOf": [_TEXT, {"type": "array", "items": _TEXT, "maxItems": ENDS}],
    }
    point = {"type": "array", "items": _DEGREES, "minItems": 2, "maxItems": 2}
    kinds: Record = {
        **dict.fromkeys(("south", "north", "west", "east", "x", "y"), _DEGREES),
        **dict.fromkeys(("country", "beside", "name"), _TEXT),
        "admin1": several,
        "edge": {"type": "string", "enum": ["south", "north", "west", "east"]},
        "coordinates": {"type": "array", "items": point, "minItems": 1, "maxItems": 500},
    }
    return {
        "description": f"a layer ({', '.join(LAYERS)}) with what narrows it",
        "anyOf": [
            _closed(
                {"layer": {"type": "string", "enum": [layer]}, **{key: kinds[key] for key in keys}},
                "layer", *NEEDED.get(layer, ()),
            )
            for layer, keys in LAYERS.items()
        ]
    }  # fmt: skip


def _amount(span: Range) -> Record:
    """A number of a range; that only zero lies below its least is left to the profile."""
    return {"type": "number", "minimum": 0 if span.zero else span.least, "maximum": span.most}


def _closed(properties: Record, *required: str) -> Record:
    """An object with no other members."""
    record: Record = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**record, "required": list(required)} if required else record
