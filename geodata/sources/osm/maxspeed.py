"""Speed limits in all spellings of OpenStreetMap, as kilometres an hour."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache

WALK_KMH = 5.0
SPEED_RANGE = (1.0, 200.0)
"""Limits outside this range are taken for mistakes."""
TO_KMH: Mapping[str, float] = {
    "": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "kmph": 1.0,
    "mph": 1.609344, "mi/h": 1.609344, "knots": 1.852, "knot": 1.852, "kn": 1.852, "kt": 1.852,
    "m/s": 3.6,
}  # fmt: skip

IMPLICIT: Mapping[str, float] = {
    "urban": 50.0, "rural": 90.0, "trunk": 100.0, "motorway": 120.0, "motorroad": 110.0,
    "living_street": 20.0, "school": 30.0, "bicycle_road": 30.0, "pedestrian_zone": WALK_KMH,
    "nsl_restricted": 30 * 1.609344, "nsl_single": 60 * 1.609344, "nsl_dual": 70 * 1.609344,
}  # fmt: skip
"""Limits of kinds of roads, as most countries have them (OpenStreetMap wiki, Default speed
limits); `OF_COUNTRY` holds what differs.
"""
OF_COUNTRY: Mapping[str, float] = {
    "at:rural": 100.0, "at:motorway": 130.0, "be:rural": 70.0, "be-vlg:rural": 70.0,
    "bg:motorway": 140.0, "ch:rural": 80.0, "cz:trunk": 110.0, "cz:motorway": 130.0,
    "de:rural": 100.0, "de:living_street": 7.0, "de:motorway": math.nan, "dk:rural": 80.0,
    "dk:motorway": 130.0, "ee:rural": 90.0, "es:rural": 90.0, "fi:rural": 80.0, "fr:rural": 80.0,
    "fr:motorway": 130.0, "gb:motorway": 70 * 1.609344, "gr:motorway": 130.0, "hr:motorway": 130.0,
    "hu:trunk": 110.0, "hu:motorway": 130.0, "is:rural": 80.0, "it:trunk": 110.0,
    "it:motorway": 130.0, "lt:motorway": 130.0, "lu:motorway": 130.0, "nl:rural": 80.0,
    "nl:motorway": 100.0, "no:rural": 80.0, "no:motorway": 110.0, "pl:motorway": 140.0,
    "pl:trunk": 100.0, "ro:motorway": 130.0, "rs:rural": 80.0, "rs:motorway": 130.0,
    "ru:urban": 60.0, "ru:motorway": 110.0, "se:rural": 70.0, "se:motorway": 110.0,
    "si:motorway": 130.0, "sk:motorway": 130.0, "tr:motorway": 130.0, "ua:motorway": 130.0,
}  # fmt: skip

_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z/]*)")
_ZONE = re.compile(r"zone:?\s*(\d+)")
_SEVERAL = re.compile(r"[;|]|\s-\s|(?<=\d)-(?=\d)")


@lru_cache(maxsize=4096)
def parse_maxspeed(text: str) -> float:
    """Kilometres an hour; NaN without a limit, or if the text is not understood.

    Of several limits, such as those of lanes, the lowest counts.

    Examples
    --------
    >>> from geodata.sources.osm.maxspeed import parse_maxspeed
    >>> [round(parse_maxspeed(text)) for text in ("90", "50 mph", "RO:urban", "70|100", "walk")]
    [90, 80, 50, 70, 5]
    >>> parse_maxspeed("none")
    nan
    """
    limits = [_one(part.strip()) for part in _SEVERAL.split(text.lower().split("@")[0])]
    known = [limit for limit in limits if not math.isnan(limit)]
    return min(known, default=math.nan)


def _one(text: str) -> float:
    if text == "walk":
        return WALK_KMH
    if ":" in text or text in IMPLICIT:
        return _implicit(text)
    number = _NUMBER.fullmatch(text)
    if number is None or number[2] not in TO_KMH:
        return math.nan
    return _sound(float(number[1].replace(",", ".")) * TO_KMH[number[2]])


def _implicit(text: str) -> float:
    """Limit of a zone or kind of road, such as ``RO:urban`` and ``DE:zone30``."""
    zone = _ZONE.search(text)
    if zone:
        mph = text.startswith(("gb", "uk", "us"))
        return _sound(float(zone[1]) * (TO_KMH["mph"] if mph else 1.0))
    country, _, kind = text.rpartition(":")
    if kind[:1].isdigit():
        return _one(kind)
    if kind == "walk":
        return WALK_KMH
    return OF_COUNTRY.get(f"{country}:{kind}", IMPLICIT.get(kind, math.nan))


def _sound(kmh: float) -> float:
    low, high = SPEED_RANGE
    return kmh if low <= kmh <= high else math.nan
