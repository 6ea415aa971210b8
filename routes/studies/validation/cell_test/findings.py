"""What the test on cells says, as rows for tables and as a record for figures and machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from routes.studies.validation.cell_test.capture_curve import SHARES
from routes.studies.validation.cell_test.validation import MODEL, Capture, Validation
from routes.studies.validation.null_models import NO_ROADS, ROADS
from routes.studies.validation.sample import (
    COLUMNS,
    TOP,
    Row,
    Sample,
    estimated,
    rounded,
    rounded_all,
)


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
                "without_a_block": [rounded(country.blocked.least),
                                    rounded(country.blocked.most)],
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
        "share_of_area": rounded_all(SHARES),
        "captured": None if sample.words else rounded_all(capture.curve),
        "low": rounded_all(capture.low),
        "high": rounded_all(capture.high),
    }


def _boyce(validation: Validation) -> Row:
    curve, sample = validation.boyce, validation.sample
    return {
        **estimated(curve.index, sample),
        "score": rounded_all(curve.score),
        "ratio": None if sample.words else rounded_all(curve.ratio),
        "ratio_low": rounded_all(curve.low),
        "ratio_high": rounded_all(curve.high),
    }
