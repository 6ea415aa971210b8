"""The scale of changes: centred on zero, alike on both sides, and so in QGIS."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from geodata.cartography.qgis import qml
from geodata.cartography.styles.change_styles import CHANGE_STYLES, CHANGED_GATEWAYS
from tests.geodata.cartography.styles.test_result_styles import as_deuteranope, luminance

STYLES = pytest.mark.parametrize("style", CHANGE_STYLES.values(), ids=list(CHANGE_STYLES))


@STYLES
def test_classes_mirror_each_other_about_zero(style):
    steps = style.steps
    assert [step.upper for step in steps[:-1]] == [step.lower for step in steps[1:]]
    for step, mirrored in zip(steps, reversed(steps), strict=True):
        assert (step.lower, step.upper) == (-mirrored.upper, -mirrored.lower)
        assert step.size == mirrored.size
    outward = steps[len(steps) // 2 :]
    assert (np.diff([luminance(step.colour) for step in outward]) < 0).all()
    assert style.step(0.0) is outward[0]


def test_losses_and_gains_differ_for_the_colour_blind():
    steps = CHANGED_GATEWAYS.steps
    for losing, gaining in zip(steps[:4], reversed(steps[5:]), strict=True):
        apart = np.abs(as_deuteranope(losing.colour) - as_deuteranope(gaining.colour)).max()
        assert apart > 0.08


@STYLES
def test_qgis_puts_the_largest_changes_on_top(style):
    root = ET.fromstring(qml(style))
    assert root.findtext(".//orderByClause") == 'abs("change")'
    assert len(root.findall(".//range")) == 9


def test_labels_show_the_sign():
    text = ET.fromstring(qml(CHANGED_GATEWAYS)).find(".//text-style").get("fieldName")
    assert text == (
        'CASE WHEN abs("change") >= 0.05 THEN "name" || \'  \' || '
        "if(\"change\" > 0, '+', '') || round(100 * \"change\") || '%' END"
    )
