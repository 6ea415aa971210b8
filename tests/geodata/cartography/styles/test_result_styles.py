"""Symbology as data, and what becomes of it in QML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from geodata.cartography.qgis import qml
from geodata.cartography.styles.result_styles import (
    ADMIN,
    CORRIDORS,
    DENSITY,
    GATEWAYS,
    NEARNESS,
    PLACES,
    SEGMENTS,
    VECTOR_STYLES,
)

STYLES = [*VECTOR_STYLES.values(), DENSITY, NEARNESS]


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2, from 0 black to 1 white."""
    parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def as_deuteranope(colour: str) -> np.ndarray:
    """Linear RGB as seen without green cones (Viénot, Brettel and Mollon 1999)."""
    parts = (np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255) ** 2.2
    red, green, blue = parts
    mixed = 0.29275 * red + 0.70725 * green
    return np.array([mixed, mixed, -0.02234 * red + 0.02234 * green + blue])


@pytest.mark.parametrize("style", VECTOR_STYLES.values(), ids=list(VECTOR_STYLES))
def test_classes_follow_each_other_without_gaps(style):
    assert [step.upper for step in style.steps[:-1]] == [step.lower for step in style.steps[1:]]
    assert style.steps[0].lower == 0 and style.steps[-1].upper == 1


@pytest.mark.parametrize("style", [CORRIDORS, ADMIN, PLACES], ids=["corridors", "admin", "places"])
def test_more_is_darker(style):
    shades = [luminance(step.colour) for step in style.steps]
    assert shades == sorted(shades, reverse=True)
    assert min(-np.diff(shades)) > 0.02


@pytest.mark.parametrize(
    "style", [CORRIDORS, SEGMENTS, GATEWAYS, PLACES], ids=["lines", "modes", "points", "places"]
)
def test_more_is_larger(style):
    sizes = [step.size for step in style.steps]
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("style", [SEGMENTS, GATEWAYS], ids=["modes", "kinds"])
def test_kinds_differ_for_the_colour_blind_by_colour_or_by_form(style):
    for index, one in enumerate(style.kinds):
        for other in style.kinds[index + 1 :]:
            apart = np.abs(as_deuteranope(one.colour) - as_deuteranope(other.colour)).max()
            assert apart > 0.1 or (one.dash, one.shape) != (other.dash, other.shape)


def test_a_value_finds_its_class_at_and_beyond_the_ends():
    assert CORRIDORS.step(0.0).label == "under 1%"
    assert CORRIDORS.step(0.01).label == "1 – 5%"
    assert CORRIDORS.step(1.0).label == "over 25%"
    assert ADMIN.step(1.0) is ADMIN.steps[-1]
    assert SEGMENTS.kind("sea").dash
    assert SEGMENTS.kind("balloon") is None


@pytest.mark.parametrize("style", STYLES, ids=[style.layer for style in STYLES])
def test_qml_is_xml_and_the_same_every_time(style):
    text = qml(style)
    assert text == qml(style)
    assert ET.fromstring(text).tag == "qgis"


def test_qml_holds_a_range_for_each_class_with_its_own_symbol():
    root = ET.fromstring(qml(CORRIDORS))
    ranges = root.findall("renderer-v2/ranges/range")
    assert [float(entry.get("upper")) for entry in ranges] == [
        step.upper for step in CORRIDORS.steps
    ]
    names = [symbol.get("name") for symbol in root.findall("renderer-v2/symbols/symbol")]
    assert [entry.get("symbol") for entry in ranges] == names


@pytest.mark.parametrize("style", [DENSITY, NEARNESS], ids=["density", "nearness"])
def test_qml_leaves_zero_transparent(style):
    first = ET.fromstring(qml(style)).find(".//colorrampshader/item")
    assert (first.get("value"), first.get("alpha")) == ("0", "0")
