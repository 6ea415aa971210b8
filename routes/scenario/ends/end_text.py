"""An end as one text, as users write it: coordinates, a collection or the name of a place."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from geodata.entries.spelling import composed, nearest
from geodata.errors import InputError, require_kind
from routes.scenario.demand import Endpoint

COLLECTIONS = {"airstrips": "airstrip", "crossings": "crossing", "places": "place", "ports": "port"}
"""Collections whose features can form one end, and the layer of each."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
"""A name may begin with a digit, as that of a *1ra. Sección* does; coordinates are numbers."""
_NUMBERED = re.compile(r"\d+\s*(,\s*[a-z]{2}(-[a-z0-9]{1,3})?)?", re.IGNORECASE)
"""A name of digits alone, as some villages have, with or without a country or district."""
_CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


def parse_end(text: str, *, field: str = "end") -> Endpoint:
    """An endpoint from ``LON,LAT``, a collection such as ``ports:COUNTRY``, or a name.

    Parameters
    ----------
    text
        The text. Names are looked up only when a scenario is answered.
    field
        Name of the end in errors, as the user wrote it.

    Raises
    ------
    InputError
        When the text is empty, looks like coordinates but is not two numbers of degrees, or names
        a collection, or something like one, without saying where.

    Examples
    --------
    >>> from routes import parse_end
    >>> parse_end("-88.03, 15.50").at
    {'layer': 'point', 'x': -88.03, 'y': 15.5}
    """
    remedy = "Give LON,LAT in degrees or a place name."
    require_kind(text, str, field=field, remedy=remedy)
    text = composed(text).strip()
    layer, colon, within = (part.strip() for part in text.lower().partition(":"))
    if layer in COLLECTIONS and (colon or not within):
        return Endpoint(name=text.strip(), at=_collection(layer, within, text, field=field))
    if colon and (nearest(layer, COLLECTIONS) or _CODE.fullmatch(within.upper())):
        collections = f"Collections here: {', '.join(COLLECTIONS)}; such as {_within('ports')}."
        raise InputError(field, text, collections)
    parts = [part.strip() for part in text.split(",")]
    try:
        x, y = (float(part) for part in parts)
    except ValueError:
        if not parts[0] or (_NUMBER.fullmatch(parts[0]) and not _NUMBERED.fullmatch(text)):
            raise InputError(field, text, remedy) from None
        return _end(text, {"layer": "place", "name": text}, text, field=field)
    if not (np.isfinite(x) and np.isfinite(y)):
        raise InputError(field, text, remedy)
    if abs(y) > 90 >= abs(x):
        raise InputError(field, text, f"Longitude comes first: did you mean {y:g},{x:g}?")
    name = f"{_digits(x)},{_digits(y)}"
    return _end(name, {"layer": "point", "x": x, "y": y}, text, field=field)


def _end(name: str, at: dict[str, Any], text: str, *, field: str) -> Endpoint:
    """An end of a text, which an error then names."""
    try:
        return Endpoint(name=name, at=at)
    except InputError as error:
        raise InputError(field, text, error.remedy) from None


def _digits(degrees: float) -> str:
    """Shortest text that reads back as the same number, so that points stay distinct."""
    return repr(degrees + 0.0).removesuffix(".0")


def _collection(name: str, within: str, text: str, *, field: str) -> dict[str, Any]:
    """An end of all features of a collection in a country or in a district."""
    code = within.upper()
    if re.fullmatch("[A-Z]{2}", code):
        return {"layer": COLLECTIONS[name], "country": code}
    if re.fullmatch("[A-Z]{2}-[A-Z0-9]{1,3}", code):
        return {"layer": COLLECTIONS[name], "admin1": [code]}
    remedy = f"Give a country or a district after a colon, such as {_within(name)}."
    raise InputError(field, text, remedy)


def _within(collection: str) -> str:
    """The form of a collection as text; no network is at hand to give an example."""
    return f"{collection}:XX or {collection}:XX-YY, the codes of ISO 3166"
