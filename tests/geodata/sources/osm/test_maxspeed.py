from __future__ import annotations

import math

import pytest

from geodata.sources.osm.maxspeed import parse_maxspeed


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50), ("50 km/h", 50), ("50kmh", 50), ("50 mph", 80.4672), ("50mph", 80.4672),
        ("20 knots", 37.04), ("12.5", 12.5), ("7,5", 7.5), ("walk", 5),
        ("RO:urban", 50), ("RO:rural", 90), ("RO:trunk", 100), ("RO:motorway", 130),
        ("DE:urban", 50), ("DE:rural", 100), ("DE:zone:30", 30), ("DE:zone30", 30),
        ("IT:zone30", 30), ("GB:zone20", 32.18688), ("GB:nsl_single", 96.56064), ("FR:50", 50),
        ("DE:living_street", 7), ("XX:urban", 50), ("AT:bicycle_road", 30),
        ("70|100", 70), ("100|70|70", 70), ("50;70", 50), ("30-50", 30), ("none|100", 100),
        ("80 @ (22:00-06:00)", 80),
    ],
)  # fmt: skip
def test_all_spellings_are_read(text, kmh) -> None:
    assert parse_maxspeed(text) == pytest.approx(kmh)


@pytest.mark.parametrize(
    "text",
    ["", "none", "signals", "variable", "default", "DE:motorway", "70100", "0", "-5", "fast",
     "50 furlongs", "XX:unknown", "1e9", "٥٠ km"],
)  # fmt: skip
def test_what_says_no_limit_is_none(text) -> None:
    assert math.isnan(parse_maxspeed(text))
