"""The form of a place: the keys by which an origin or destination says where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Discriminator, FailFast, Field, Tag, model_validator

from geodata.entries.forms import OURS, Form, Latitude, Longitude, Text, read_form, refuse
from geodata.errors import InputError

MOST_ENDS = 50
"""Origins, or destinations, at most."""
MOST_POINTS = 500
"""Points of one origin or destination at most."""


class Where(Form):
    """A layer of the network, and what narrows it."""

    layer: str

    def record(self) -> dict[str, Any]:
        """The keys that are given."""
        return self.model_dump(exclude_none=True)


AnyWhere = TypeVar("AnyWhere", bound=Where)


def _in_order(where: AnyWhere) -> AnyWhere:
    """A place between bounds, of which the lower do not lie above the upper.

    A west of more than 0 may have its east across the antimeridian, below 0; that is for an area
    to tell.
    """
    for lower, upper in (("south", "north"), ("west", "east")):
        least, most = (getattr(where, key) for key in (lower, upper))
        if least is None or most is None or (lower == "west" and least > 0 > most):
            continue
        if least > most:
            remedy = f"Give no more than {upper}, {most:g}."
            raise refuse(remedy, at=f".{lower}", value=least)
    return where


class Sea(Where):
    """The open sea, or its nodes along one edge of the area, between bounds in degrees."""

    layer: Literal["sea"]
    edge: Literal["south", "north", "west", "east"] | None = None
    south: Latitude | None = None
    north: Latitude | None = None
    west: Longitude | None = None
    east: Longitude | None = None
    _bounds = model_validator(mode="after")(_in_order)


class Border(Where):
    """Just across the land border of a country, with all its neighbours or beside one."""

    layer: Literal["border"]
    country: Text
    beside: Text | None = None
    south: Latitude | None = None
    north: Latitude | None = None
    west: Longitude | None = None
    east: Longitude | None = None
    _bounds = model_validator(mode="after")(_in_order)


def _kind(value: object) -> str | None:
    return "<text>" if isinstance(value, str) else "<list>" if isinstance(value, list) else None


Several = Annotated[
    Annotated[Text, Tag("<text>")]
    | Annotated[list[Text], Field(min_length=1, max_length=MOST_ENDS), Tag("<list>")],
    Discriminator(
        _kind,
        custom_error_type=OURS,
        custom_error_message="Give a text, or a list of texts.",
    ),
]


class Airstrip(Where):
    """Airstrips of a country or of districts."""

    layer: Literal["airstrip"]
    admin1: Several | None = None
    country: Text | None = None


class Gate(Where):
    """Ports or crossings of a country or of districts, or one by name."""

    layer: Literal["port", "crossing"]
    name: Text | None = None
    admin1: Several | None = None
    country: Text | None = None


class Town(Where):
    """Places of a country or of districts, or one by name."""

    layer: Literal["place"]
    name: Text | None = None
    admin1: Several | None = None
    country: Text | None = None


class Spot(Where):
    """A point in degrees."""

    layer: Literal["point"]
    x: Longitude
    y: Latitude


Point = Annotated[list[Longitude], Field(min_length=2, max_length=2)]


class Spots(Where):
    """Some points, each [longitude, latitude]; any of them will do."""

    layer: Literal["points"]
    coordinates: Annotated[list[Point], Field(min_length=1, max_length=MOST_POINTS), FailFast()]


class ManySpots(Where):
    """The same from a file of points or from Python, which may have more of them."""

    layer: Literal["points"]
    coordinates: Annotated[list[Point], Field(min_length=1), FailFast()]


PLACES = (Sea, Border, Airstrip, Gate, Town, Spot, Spots)
_FORMS = {
    layer: form.__name__
    for form in PLACES
    for layer in form.model_fields["layer"].annotation.__args__  # type: ignore[union-attr]
}
LAYERS = tuple(_FORMS)
"""What an origin or destination may be."""


def _layer(value: Any) -> str | None:
    layer = value.get("layer") if isinstance(value, dict) else getattr(value, "layer", None)
    return f"<{_FORMS.get(layer)}>" if isinstance(layer, str) else None


Place = Annotated[
    Annotated[Sea, Tag("<Sea>")]
    | Annotated[Border, Tag("<Border>")]
    | Annotated[Airstrip, Tag("<Airstrip>")]
    | Annotated[Gate, Tag("<Gate>")]
    | Annotated[Town, Tag("<Town>")]
    | Annotated[Spot, Tag("<Spot>")]
    | Annotated[Spots, Tag("<Spots>")],
    Discriminator(
        _layer,
        custom_error_type=OURS,
        custom_error_message=f"Give {{table}} with a layer, one of: {', '.join(LAYERS)}.",
    ),
]
"""Where an end is."""


def _many(value: Any) -> str:
    return "<many>" if _layer(value) == "<Spots>" else "<few>"


AnyPlace = Annotated[
    Annotated[ManySpots, Tag("<many>")] | Annotated[Place, Tag("<few>")], Discriminator(_many)
]
"""Where an end is that a result records, or that is made in Python."""


class _Placed(Form):
    at: AnyPlace


def read_place(at: Mapping[str, Any], *, field: str) -> dict[str, Any]:
    """Where an end is, its keys checked, in the types that JSON has.

    Parameters
    ----------
    field
        Path of the end in errors.

    Raises
    ------
    InputError
        When a key is missing, unknown, of the wrong kind or out of its range.
    """
    try:
        placed = read_form(_Placed, {"at": _listed(at)}, kind=InputError, called="a mapping")
    except InputError as error:
        raise InputError(f"{field}.{error.field}", error.value, error.remedy) from None
    return placed.at.record()


def _listed(value: Any) -> Any:
    """Arrays, tuples and numpy's numbers as lists and numbers; all else as it is."""
    if isinstance(value, Mapping):
        return {key: _listed(each) for key, each in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    return [_listed(each) for each in value] if isinstance(value, list | tuple) else value
