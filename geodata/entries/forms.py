"""Forms: strict models of the tables that users write in files and requests.

A text or a boolean is not accepted as a number, and an unknown key is refused by name. A form is
read from a table; errors name the path of the key, its value, and the allowed values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from geodata.entries.spelling import NO_UNICODE, composed, suggestion
from geodata.errors import DataError, VeredaError

LONGEST_TEXT = 200
"""Largest number of letters in a name or title."""
LONGEST_SOURCE = 2000
"""Largest number of letters in a source."""
OURS = "vereda"
"""Type of pydantic errors whose message is the remedy."""
_CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_CONTROL = re.compile(f"[{_CONTROLS}]")


def refuse(
    remedy: str, *, at: str = "", value: object = None, key: str | None = None
) -> PydanticCustomError:
    """The error that a validator raises.

    Parameters
    ----------
    remedy
        A sentence, in which ``{table}`` is replaced by the word for a table in the format of the
        entry.
    at
        Path from the validated value to the wrong one, such as ``[1].name``.
    value
        The wrong value; unused without `at`.
    key
        Key of the validated table that should not be there.
    """
    context = {"remedy": remedy, "at": at, "value": value, "key": key}
    return PydanticCustomError(OURS, "refused", context)


def _line(text: str) -> str:
    if _CONTROL.search(text):
        raise refuse("Give a text of one line, without control characters.")
    return composed(text)


def _prose(text: str) -> str:
    if _CONTROL.search(re.sub(r"\r?\n|\t", " ", text)):
        raise refuse("Give a text without control characters.")
    return composed(_filled(text))


def _filled(text: str) -> str:
    if not text.strip():
        raise refuse(_REMEDIES["string_too_short"])
    return text


Line = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_TEXT,
        json_schema_extra={"pattern": rf"^[^{_CONTROLS}]*[^\s{_CONTROLS}][^{_CONTROLS}]*$"},
    ),
    AfterValidator(_line),
]
"""A text of one line; a text of blanks passes, and its reader has to refuse it."""
Text = Annotated[Line, AfterValidator(_filled)]
"""A name or a title."""
Source = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_SOURCE, json_schema_extra={"pattern": r"\S"}),
    AfterValidator(_prose),
]
"""Where a value comes from, or the word "assumption"."""
Latitude = Annotated[float, Field(ge=-90, le=90)]
"""Degrees to the north."""
Longitude = Annotated[float, Field(ge=-360, le=360)]
"""Degrees to the east; across the antimeridian they continue, like those of a network."""


class Form(BaseModel):
    """A table with known keys; a key may be left out, but not be null."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True
    )

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, table: Any) -> Any:
        """Refuse an unknown key before any value is checked."""
        known = {field.alias or name: field for name, field in cls.model_fields.items()}
        if not isinstance(table, dict):
            raise refuse(f"Give {{table}} with: {', '.join(known)}.")
        for key, value in table.items():
            if key not in known:
                guess = suggestion(str(key), known)
                remedy = f"{guess}Allowed here: {', '.join(known)}."
                raise refuse(remedy, at=f".{key}", value=value, key=key)
            if value is None and known[key].default is None:
                raise refuse("Give a value, or leave it out.", at=f".{key}")
        return table


AnyForm = TypeVar("AnyForm", bound=Form)


def read_form(
    form: type[AnyForm],
    table: object,
    *,
    kind: type[VeredaError] = DataError,
    called: str = "a table",
) -> AnyForm:
    """A form from a table of texts, numbers, lists and tables.

    Parameters
    ----------
    kind
        Class of the error to raise.
    called
        Word for a table in the format of this one.

    Raises
    ------
    VeredaError
        An error of class `kind`, with the path and the value of the first wrong key.
    """
    try:
        return form.model_validate(table)
    except ValidationError as error:
        first: Any = error.errors(include_url=False)[0]
        raise _translate(first, kind, called) from None


def form_faults(
    form: type[Form],
    table: object,
    *,
    kind: type[VeredaError] = DataError,
    called: str = "a table",
) -> list[VeredaError]:
    """All that is wrong with a table, each once; empty where a form can be read from it.

    A key that is unknown hides no other fault of its table.

    Parameters
    ----------
    form, table, kind, called
        As `read_form` takes them.
    """
    faults: dict[str, VeredaError] = {}
    while True:
        try:
            form.model_validate(table)
        except ValidationError as error:
            several: list[Any] = error.errors(include_url=False)
        else:
            return list(faults.values())
        for each in several:
            fault = _translate(each, kind, called)
            faults.setdefault(str(fault), fault)
        known = table
        for each in several:
            key = each.get("ctx", {}).get("key")
            if each["type"] == OURS and key is not None:
                known = _without(known, (*each["loc"], key))
        if known == table:
            return list(faults.values())
        table = known


def _without(table: Any, path: tuple[int | str, ...]) -> Any:
    """A table without the key at a path, in which pydantic's tags of types may be."""
    first, rest = path[0], path[1:]
    if not rest:
        return {key: value for key, value in table.items() if key != first}
    if isinstance(table, list):
        return [_without(each, rest) if place == first else each
                for place, each in enumerate(table)]  # fmt: skip
    if first not in table:
        return _without(table, rest)
    return {key: _without(value, rest) if key == first else value for key, value in table.items()}


def _translate(first: Mapping[str, Any], kind: type[VeredaError], called: str) -> VeredaError:
    context = first.get("ctx", {})
    field, value = _path(first["loc"]), first["input"]
    if first["type"] == OURS:
        remedy = str(context.get("remedy", first["msg"])).replace("{table}", called)
        if context.get("at"):
            field, value = f"{field}{context['at']}", context["value"]
    elif first["type"] == "missing":
        value, remedy = None, "The value is missing; give it."
    else:
        remedy = _remedy(first["type"], context, value)
    return kind(field.lstrip(".") or "body", value, remedy)


def _path(parts: tuple[int | str, ...]) -> str:
    """Keys and positions in lists, without pydantic's tags of the types of tables."""
    names = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts]
    return "".join(name for name in names if not name.startswith(".<"))


_REMEDIES = {
    "float_type": "Give a number.",
    "finite_number": "Give a finite number.",
    "int_type": "Give a whole number.",
    "int_from_float": "Give a whole number.",
    "string_type": "Give a text.",
    "string_unicode": NO_UNICODE,
    "string_too_short": "Give a text that is not empty.",
    "string_too_long": "Give a text of at most {max_length} letters.",
    "list_type": "Give a list.",
    "tuple_type": "Give a text, or a list.",
    "dict_type": "Give an object.",
    "too_short": "Give at least {min_length}.",
    "too_long": "Give at most {max_length}.",
    "greater_than": "Give more than {gt:g}.",
    "greater_than_equal": "Give {ge:g} or more.",
    "less_than": "Give less than {lt:g}.",
    "less_than_equal": "Give at most {le:g}.",
    "literal_error": "Give one of: {expected}.",
}


def _remedy(what: str, context: Mapping[str, Any], value: object) -> str:
    """The remedy for each error of pydantic that these forms can cause."""
    remedy = _REMEDIES.get(what, "It cannot be used here.").format_map(context)
    if what == "literal_error" and isinstance(value, str):
        remedy = suggestion(value, re.findall(r"'([^']*)'", context["expected"])) + remedy
    return remedy
