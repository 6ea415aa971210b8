"""What a validation found, as rows for tables and as a record for figures and machines.

Where the sample does not bear an estimate, none is given: only the interval and the words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from geodata.arrays import Float64Array
from routes.studies.validation.capture_curve import SHARES
from routes.studies.validation.null_models import NO_ROADS, ROADS
from routes.studies.validation.spatial_bootstrap import Interval
from routes.studies.validation.validation import MODEL, TOP, Capture, Sample, Validation

DECIMALS = 6
"""More would be noise, and would differ between machines."""
COLUMNS = ("statistic", "measure", "of", "against", "country", "events", "blocks", "estimate",
           "low", "high", "words")  # fmt: skip
"""Columns of a row of findings."""

Row = dict[str, Any]


def findings(validation: Validation) -> list[Row]:
    """One row a statistic, columns `COLUMNS`."""
    return [
        {column: row.get(column, "") for column in COLUMNS}
        for row in (*_capture_rows(validation), *_gain_rows(validation), *_other_rows(validation))
    ]


def _capture_rows(validation: Validation) -> Iterator[Row]:
    for capture in validation.captures:
        shared = {"measure": capture.measure, "of": capture.name}
        for share, top in zip(TOP, capture.top, strict=True):
            name = f"captured in top {share:.0%} of area"
            yield {"statistic": name, **shared, **estimated(top, validation.sample)}
        yield {
            "statistic": "area under capture curve",
            **shared,
            **estimated(capture.area, validation.sample),
        }


def _gain_rows(validation: Validation) -> Iterator[Row]:
    for gain in validation.gains:
        row = estimated(gain.area, validation.sample)
        yield {
            "statistic": "gain",
            "measure": gain.measure,
            "of": MODEL,
            "against": gain.null,
            **row,
            "words": row["words"] or f"{gain.verdict} than {gain.null}",
        }


def _other_rows(validation: Validation) -> Iterator[Row]:
    shared = {"measure": "usage", "of": MODEL}
    index = estimated(validation.boyce.index, validation.sample)
    yield {"statistic": "boyce index", **shared, **index}
    for country in validation.countries:
        row = estimated(country.blocked.auc, country.sample)
        yield {"statistic": "auc", **shared, "country": country.country, **row}


def estimated(value: Interval, sample: Sample) -> Row:
    """An interval with its sample; the estimate only where the sample bears one."""
    return {
        "events": sample.events,
        "blocks": sample.blocks,
        "estimate": None if sample.words else _rounded(value.estimate),
        "low": _rounded(value.low),
        "high": _rounded(value.high),
        "words": sample.words,
    }


def record(validation: Validation) -> dict[str, Any]:
    """Findings, curves, words and settings; JSON types only."""
    return {
        "headline": validation.headline,
        "words": _words(validation),
        "sample": {"events": validation.sample.events, "blocks": validation.sample.blocks,
                   "words": validation.sample.words},
        "left_out": dict(validation.left_out),
        "moved": validation.moved,
        "inexact": validation.inexact,
        "findings": findings(validation),
        "captures": [_capture(capture, validation.sample) for capture in validation.captures],
        "boyce": _boyce(validation),
        "countries": [
            {
                "country": country.country,
                "background": country.background,
                **estimated(country.blocked.auc, country.sample),
                "without_a_block": [_rounded(country.blocked.least),
                                    _rounded(country.blocked.most)],
            }
            for country in validation.countries
        ],
        "settings": dict(validation.settings),
    }  # fmt: skip


def _words(validation: Validation) -> list[str]:
    """The words of a validation, with what it lacks a null for."""
    roads = any(gain.null == ROADS for gain in validation.gains)
    return [*validation.words, *([] if roads else [NO_ROADS])]


def _capture(capture: Capture, sample: Sample) -> Row:
    return {
        "of": capture.name,
        "measure": capture.measure,
        "share_of_area": _rounded_all(SHARES),
        "captured": None if sample.words else _rounded_all(capture.curve),
        "low": _rounded_all(capture.low),
        "high": _rounded_all(capture.high),
    }


def _boyce(validation: Validation) -> Row:
    curve, sample = validation.boyce, validation.sample
    return {
        **estimated(curve.index, sample),
        "score": _rounded_all(curve.score),
        "ratio": None if sample.words else _rounded_all(curve.ratio),
        "ratio_low": _rounded_all(curve.low),
        "ratio_high": _rounded_all(curve.high),
    }


def _rounded(value: float) -> float | None:
    return round(float(value), DECIMALS) if np.isfinite(value) else None


def _rounded_all(values: Float64Array) -> list[float | None]:
    return [_rounded(value) for value in values]
