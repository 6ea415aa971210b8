"""Meaning of the tags of a way: class, surface, access by direction, and speed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from geodata.sources.area_file import Passing, Roads
from geodata.sources.osm.maxspeed import parse_maxspeed

TAGS = (
    "highway", "route", "surface", "tracktype", "smoothness", "oneway", "junction",
    "oneway:foot", "access", "vehicle", "motor_vehicle", "motorcar", "foot", "ford",
    "maxspeed", "maxspeed:forward", "maxspeed:backward", "maxspeed:practical", "maxspeed:type",
    "source:maxspeed", "zone:maxspeed", "duration",
)  # fmt: skip
"""Tags that determine speed and access of a way."""
NODE_TAGS = (
    "barrier", "ford", "highway", "access", "vehicle", "motor_vehicle", "motorcar", "foot", "name",
)  # fmt: skip
CONTROLS = frozenset({"border_control", "customs"})
"""Values of ``barrier`` and other keys for border control posts."""

FERRY_KMH = (1.0, 90.0)
"""A duration that makes a ferry slower or faster than this is taken for a mistake."""

Tags = Mapping[str, str]
Mode = Literal["road", "trail"]

_VEHICLES = ("motorcar", "motor_vehicle", "vehicle", "access")
_ON_FOOT = ("foot", "access")
_OPEN = frozenset({"yes", "designated", "permissive", "official", "destination", "public"})
_ONE_WAY = {"yes": 1, "true": 1, "1": 1, "-1": -1, "reverse": -1}
_BY_TRACKTYPE = {"grade1": "paved", "grade2": "mixed", "grade3": "unpaved", "grade4": "unpaved",
                 "grade5": "unpaved"}  # fmt: skip
_ROUGH = {"bad": "mixed", "very_bad": "mixed", "horrible": "unpaved", "very_horrible": "unpaved",
          "impassable": "unpaved"}  # fmt: skip
_WORSE = ("paved", "mixed", "unpaved")
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d\d)")
_ISO = re.compile(r"p(?:(\d+)d)?(?:t(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?)?")
_NUMBERED = re.compile(r"(\d+(?:\.\d+)?)\s*(h|hours?|m|min|minutes?)?")


@dataclass(frozen=True)
class WayKind:
    """Attributes of ways with the same tags.

    Parameters
    ----------
    road_class, surface, mode
        As links have them.
    forward, backward
        Kilometres an hour along the way and against it; 0 where that is not allowed. A ferry
        with a duration goes by that instead.
    minutes
        Added once to the whole way: a ford, a gate of a private road, the wait for a ferry.
    duration
        Minutes for the whole way; NaN without such a tag.
    """

    road_class: str
    surface: str
    mode: Mode
    forward: float
    backward: float
    minutes: float = 0.0
    duration: float = math.nan
    ford: bool = False

    @property
    def closed(self) -> bool:
        """Whether it is closed in both directions."""
        return self.forward == 0 and self.backward == 0


@dataclass(frozen=True)
class Gate:
    """An obstacle or control at a node of a road.

    Parameters
    ----------
    minutes
        Delay at each passage.
    open
        Whether vehicles pass.
    control
        Whether it controls a border.
    """

    minutes: float = 0.0
    open: bool = True
    ford: bool = False
    control: bool = False
    name: str = ""


def way_kind(tags: Tags, rules: Roads) -> WayKind | None:
    """The kind of a way from its tags; None if the rules do not have its class."""
    if tags.get("route") == "ferry" and "highway" not in tags:
        return _ferry(tags, rules)
    known = rules.classes.get(tags.get("highway", ""))
    if known is None:
        return None
    mode, road_class = known.mode, known.into
    leave = _leave(tags, _VEHICLES if mode == "road" else _ON_FOOT, rules)
    if mode == "road" and not leave.passable:
        on_foot = _leave(tags, _ON_FOOT, rules)
        if on_foot.passable:
            mode, road_class, leave = "trail", "path", on_foot
    surface = _surface(tags, road_class, rules)
    ford = _truth(tags.get("ford"))
    open_ = leave.passable and (rules.fords.passable or not ford)
    speed = rules.speed(road_class, surface) if open_ else 0.0
    forward, backward = _directions(tags, mode)
    along, against = _posted(tags) if mode == "road" else (math.nan, math.nan)
    return WayKind(
        road_class, surface, mode,
        forward=_limited(speed, along, surface, rules) * forward,
        backward=_limited(speed, against, surface, rules) * backward,
        minutes=leave.minutes + (rules.fords.minutes if ford else 0.0),
        ford=ford,
    )  # fmt: skip


def gate(tags: Tags, rules: Roads) -> Gate | None:
    """The gate of a node on a road from its tags; None without an obstacle."""
    barrier = tags.get("barrier", "")
    ford = _truth(tags.get("ford")) or tags.get("highway") == "ford"
    control = barrier in CONTROLS
    if not barrier and not ford:
        return None
    passing = rules.barriers.get(barrier)
    minutes = passing.minutes if passing else 0.0
    is_open = passing is None or passing.passable
    access = _most_special(tags, _VEHICLES)
    if barrier and access:
        leave = rules.access.get(access)
        is_open = leave.passable if leave else is_open or access in _OPEN
        minutes += leave.minutes if leave else 0.0
    if ford:
        minutes += rules.fords.minutes
        is_open = is_open and rules.fords.passable
    return Gate(minutes, is_open, ford=ford, control=control, name=tags.get("name", ""))


def parse_duration(text: str) -> float:
    """Minutes; NaN where the text cannot be read.

    Examples
    --------
    >>> from geodata.sources.osm.tags import parse_duration
    >>> [parse_duration(text) for text in ("03:00", "00:05:30", "45", "PT2H30M", "2 h")]
    [180.0, 5.5, 45.0, 150.0, 120.0]
    """
    text = text.strip().lower()
    if clock := _CLOCK.fullmatch(text):
        first, middle, last = (int(part or 0) for part in clock.groups())
        hours, minutes, seconds = (first, middle, last) if clock[1] else (middle, last, 0)
        return hours * 60.0 + minutes + seconds / 60.0
    if (iso := _ISO.fullmatch(text)) and any(iso.groups()):
        days, hours, minutes, seconds = (int(part or 0) for part in iso.groups())
        return days * 1440.0 + hours * 60.0 + minutes + seconds / 60.0
    if number := _NUMBERED.fullmatch(text):
        return float(number[1]) * (60.0 if (number[2] or "").startswith("h") else 1.0)
    return math.nan


def _ferry(tags: Tags, rules: Roads) -> WayKind:
    leave = _leave(tags, ("access",), rules)
    limit = parse_maxspeed(tags.get("maxspeed", ""))
    speed = rules.ferry.kmh if math.isnan(limit) else limit
    forward, backward = _directions(tags, "road")
    return WayKind(
        "ferry", "paved", "road",
        forward=speed * forward * leave.passable,
        backward=speed * backward * leave.passable,
        minutes=rules.ferry.wait_minutes + leave.minutes,
        duration=parse_duration(tags.get("duration", "")),
    )  # fmt: skip


def _most_special(tags: Tags, keys: tuple[str, ...]) -> str:
    """The value of the most specific key of a hierarchy."""
    return next((tags[key] for key in keys if key in tags), "")


def _leave(tags: Tags, keys: tuple[str, ...], rules: Roads) -> Passing:
    passing = rules.access.get(_most_special(tags, keys))
    return passing or Passing(source="nothing is said")


def _truth(value: str | None) -> bool:
    return value is not None and value not in ("no", "stepping_stones", "false", "0")


def _directions(tags: Tags, mode: Mode) -> tuple[bool, bool]:
    """Whether a way may be passed forward, and backward."""
    if mode == "trail":
        way = _ONE_WAY.get(tags.get("oneway:foot", ""), 0)
    elif "oneway" in tags and tags["oneway"] not in ("reversible", "alternating"):
        way = _ONE_WAY.get(tags["oneway"], 0)
    else:
        ring = tags.get("junction") in ("roundabout", "circular")
        way = int("oneway" not in tags and (ring or tags.get("highway") == "motorway"))
    return way >= 0, way <= 0


def _surface(tags: Tags, road_class: str, rules: Roads) -> str:
    """The tagged surface, or else that of the track type, or else that of the class."""
    first = re.split("[;:/,]", tags.get("surface", ""))[0].strip().rstrip("\\")
    known = rules.surfaces.get(tags.get("surface", "")) or rules.surfaces.get(first)
    surface = known.into if known else _BY_TRACKTYPE.get(tags.get("tracktype", ""))
    if surface is None:
        untagged = rules.untagged.get(road_class)  # type: ignore[call-overload]
        surface = untagged.into if untagged else "unpaved"
    rough = _ROUGH.get(tags.get("smoothness", ""), "paved")
    return max(surface, rough, key=_WORSE.index)


def _posted(tags: Tags) -> tuple[float, float]:
    """Speed limits forward and backward; NaN without one."""
    both = _first(tags, "maxspeed:practical", "maxspeed", "zone:maxspeed", "maxspeed:type",
                  "source:maxspeed")  # fmt: skip
    along, against = (_first(tags, f"maxspeed:{way}") for way in ("forward", "backward"))
    return both if math.isnan(along) else along, both if math.isnan(against) else against


def _first(tags: Tags, *keys: str) -> float:
    limits = (parse_maxspeed(tags[key]) for key in keys if key in tags)
    return next((limit for limit in limits if not math.isnan(limit)), math.nan)


def _limited(speed: float, posted: float, surface: str, rules: Roads) -> float:
    """Speed by class and surface, adjusted to a posted limit.

    A limit raises the speed of paved roads only: it says little of how fast gravel is.
    """
    if math.isnan(posted) or speed == 0:
        return speed
    driven = posted * rules.posted.factor
    return driven if surface == "paved" else min(speed, driven)


def ferry_minutes(kind: WayKind, length_m: float) -> float:
    """Minutes of a ferry crossing: its duration, unless that means an impossible speed."""
    lowest, highest = FERRY_KMH
    kmh = length_m / 1000 / (kind.duration / 60) if kind.duration > 0 else math.nan
    if lowest <= kmh <= highest:
        return kind.duration
    return length_m / 1000 / max(kind.forward, kind.backward) * 60
