"""Look-up of the node of a named place, with a way to choose between homonyms."""

from __future__ import annotations

import pandas as pd

from geodata.entries.spelling import nearest
from geodata.errors import InputError
from geodata.network.gazetteer import NAMED, plain
from geodata.network.network import Network


def find_place(
    network: Network, text: str, *, country: str | None = None, field: str, also: str = ""
) -> int:
    """Node of a named place; ``Name, COUNTRY`` or ``Name, UNIT`` chooses between homonyms.

    Parameters
    ----------
    also
        Other forms that the caller accepts, for the error for an unknown name; by default,
        coordinates.

    Raises
    ------
    InputError
        When the name is unknown, with the nearest names; or when several places have it, with a
        list of them.
    """
    gazetteer = network.gazetteer
    name, _, within = (part.strip() for part in text.rpartition(","))
    if not name or len(gazetteer.named(text)):
        name, within = text, ""
    places = gazetteer.named(name)
    homonyms = places
    if within or country:
        code = (within or country or "").upper()
        places = places[(places["country"] == code) | (places["admin1"] == code)]
        if len(homonyms) and not len(places):
            kind = min(homonyms["kind"], key=NAMED.index)
            there = _listed(homonyms[homonyms["kind"] == kind])
            raise InputError(field, text, f"None is in {code}; there are: {there}.")
    for kind in NAMED:
        same = places[places["kind"] == kind]
        if len(same) == 1 or (kind == "crossing" and len(same)):
            return int(same.index[0])
        if len(same) > 1:
            raise InputError(field, text, f"There are {len(same)}: {_listed(same)}.")
    names = dict(zip(gazetteer.places["key"], gazetteer.places["name"], strict=True))
    near = nearest(plain(name), names, most=4)
    guess = f"Nearest names: {', '.join(names[n] for n in near)}." if near else ""
    also = also or ("" if guess else "Give LON,LAT instead.")
    raise InputError(field, text, " ".join(filter(None, ["No place has this name.", guess, also])))


def _listed(rows: pd.DataFrame) -> str:
    """A list of homonyms, each written so that it can be copied to choose that place."""
    unit, country = rows["admin1"], rows["country"]
    within = unit.where(unit != "", country)
    texts = [
        f"{name}, {code}" if ((unit == code) | (country == code)).sum() == 1 else f"{x:.3f},{y:.3f}"
        for name, code, x, y in zip(rows["name"], within, rows["x"], rows["y"], strict=True)
    ]
    return "; ".join(texts)
