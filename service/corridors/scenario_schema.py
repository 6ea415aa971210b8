"""Bodies of requests: limits on size and depth of JSON, and the form of a scenario."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from flask import request
from pydantic import AfterValidator, Field

from geodata.entries.forms import AnyForm, Form, read_form
from geodata.errors import InputError
from routes.scenario.forms.scenario_form import Inputs
from service.corridors.question import Question
from service.web.problems.problems import Refusal
from service.web.replies.replies import JSON
from service.web.requests.query import MOST, MOST_DIGITS, PAGE, USUAL

DEEPEST = 16
"""Largest depth of objects and lists."""
MOST_PARTS = 20_000
"""Largest number of objects and lists: twice that of the largest scenario."""
# An unclosed text matches up to the end, because each quote in it would be tried again otherwise.
_TEXTS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKETS = b"[{]}"
_ELSE = bytes(set(range(256)) - set(_BRACKETS))


class Body(Inputs):
    """A scenario."""

    limit: Annotated[
        int,
        Field(ge=1, description=PAGE, json_schema_extra={"maximum": MOST}),
        AfterValidator(lambda limit: min(limit, MOST)),
    ] = USUAL


class Execution(Form):
    """The scenario as the inputs of a process."""

    inputs: dict[str, Any]
    outputs: dict[str, Any] | None = None
    response: Literal["raw", "document"] | None = None


def read_json() -> dict[str, Any]:
    """The JSON object that a request sends.

    Raises
    ------
    Refusal
        415, when it is sent as something else.
    RequestEntityTooLarge
        413, when it is longer than the service takes.
    InputError
        When it is not a JSON object, nests too deep, repeats a name, or has NaN or infinity.
    """
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != JSON or charset not in ("utf-8", "utf8"):
        remedy = f"Send JSON in UTF-8, with the header Content-Type: {JSON}."
        raise Refusal(415, "Content-Type", request.content_type or "", remedy)
    packed = request.headers.get("Content-Encoding", "identity").strip().lower()
    if packed not in ("identity", ""):
        raise Refusal(415, "Content-Encoding", packed, "Send the body as it is, uncompressed.")
    sent = request.get_data(cache=False)
    # A chunked body is cut at the limit without an error; reading on raises 413.
    request.stream.read(1)
    try:
        text = sent.decode("utf-8")
    except UnicodeError as error:
        raise InputError("body", "", "It is no JSON text in UTF-8.") from error
    _check_parts(text)
    try:
        body = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite,
            parse_int=_read_integer,
        )  # fmt: skip
        if "\\ud" in text.lower():
            # Half of a surrogate pair is not a text, although JSON can spell it.
            json.dumps(body, ensure_ascii=False).encode("utf-8")
    except InputError:
        raise
    except ValueError as error:
        raise InputError("body", str(error), "Mend the JSON there.") from error
    if not isinstance(body, dict):
        raise InputError("body", type(body).__name__, "Send a JSON object.")
    return body


def _check_parts(text: str) -> None:
    """Refuse too many or too deep objects and lists before any is parsed."""
    brackets = _TEXTS.sub("", text).encode().translate(None, _ELSE)
    steps = np.where(np.isin(np.frombuffer(brackets, np.uint8), list(b"[{")), 1, -1)
    if steps.size and np.cumsum(steps).max() > DEEPEST:
        raise InputError("body", "nesting", f"Nest at most {DEEPEST} objects and lists.")
    if steps.size > 2 * MOST_PARTS:
        raise InputError("body", "parts", f"Give at most {MOST_PARTS:,} objects and lists.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for name, value in pairs:
        if name in record:
            raise InputError(name, value, "It is there twice; give it once.")
        record[name] = value
    return record


def _no_number(text: str) -> float:
    raise InputError("body", text, "JSON has no such number; give a finite one.")


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _no_number(text)


def _read_integer(text: str) -> int:
    if len(text.removeprefix("-")) > MOST_DIGITS:
        remedy = f"Give whole numbers of at most {MOST_DIGITS} digits."
        raise InputError("body", f"{text[:20]}...", remedy)
    return int(text)


def read_body(form: type[AnyForm], body: Mapping[str, Any]) -> AnyForm:
    """The form that a body fills in.

    Raises
    ------
    InputError
        With the path of the wrong member.
    """
    return read_form(form, body, kind=InputError, called="an object")


def read_question(body: Mapping[str, Any]) -> Question:
    """The question of a body.

    Raises
    ------
    InputError
        When a member is unknown or wrong.
    """
    return Question.of(read_body(Body, body))
