"""What the test at places says: a sentence, and rows and a record like those of `findings`."""

from __future__ import annotations

from typing import Any

from routes.phrases import number
from routes.studies.validation.place_test.answers import ANSWER, FADE_M
from routes.studies.validation.place_test.geography import FOLDS, PENALTY
from routes.studies.validation.place_test.place_test import HEADLINE, Figure, PlaceTest
from routes.studies.validation.place_test.places import ALL_TOWNS, BESIDE_M, EDGE_KM
from routes.studies.validation.sample import COLUMNS, Row, Sample, estimated, verdict


def place_record(test: PlaceTest) -> dict[str, Any]:
    """Sentence, sample, settings and rows with columns `COLUMNS`; JSON types only."""
    return {
        "headline": _headline(test),
        "sample": {"events": test.sample.events, "blocks": test.sample.blocks,
                   "towns": test.towns, "districts": test.districts},
        "measured": _measured(test),
        "findings": [_row(figure) for figure in test.figures],
        "settings": {"beside_km": BESIDE_M / 1000, "edge_km": EDGE_KM, "fade_km": FADE_M / 1000,
                     "folds": FOLDS, "penalty": PENALTY},
    }  # fmt: skip


def _measured(test: PlaceTest) -> dict[str, float | None]:
    """The headline's figures by name."""
    (auc,) = test.select(statistic="auc", background=ALL_TOWNS, of=ANSWER, country="", role="")
    return {f"auc of {ANSWER}": _row(auc)["estimate"]} | {
        f"gain over {gain.against}": _row(gain)["estimate"] for gain in _headline_gains(test)
    }


def _headline_gains(test: PlaceTest) -> list[Figure]:
    """Gains over what the answer must beat, on all events."""
    gains = test.select(statistic="gain", background=ALL_TOWNS, of=ANSWER, country="", role="")
    return [gain for name in HEADLINE for gain in gains if gain.against == name]


def _headline(test: PlaceTest) -> str:
    if test.sample.words:
        return f"At places {test.sample.words}. Intervals only."
    gains = "; ".join(_gain(gain, test.sample) for gain in _headline_gains(test))
    (auc,) = test.select(statistic="auc", background=ALL_TOWNS, of=ANSWER, country="", role="")
    return (
        f"At places, {number(test.sample.events, 'event')} against "
        f"{number(test.towns, 'town')}, {ANSWER} has an AUC of {auc.value.estimate:.3f} "
        f"({auc.value.low:.3f} to {auc.value.high:.3f}), {gains}."
    )


def _gain(gain: Figure, everything: Sample) -> str:
    """What is said of a gain, and on how many events where these are not all."""
    if gain.sample.words:
        return f"against {gain.against} {gain.sample.words}"
    on = "" if gain.sample == everything else f" on {number(gain.sample.events, 'event')}"
    return (
        f"{verdict(gain.value)} than {gain.against}{on}, {gain.value.estimate:+.3f} "
        f"({gain.value.low:+.3f} to {gain.value.high:+.3f})"
    )


def _row(figure: Figure) -> Row:
    background = figure.background
    kind = f"{background}, {figure.role}" if figure.role not in ("", background) else background
    row: Row = {
        "statistic": figure.statistic,
        "measure": kind,
        "of": figure.of,
        "against": figure.against,
        "country": figure.country,
        **estimated(figure.value, figure.sample),
    }
    if figure.against and not row["words"]:
        row["words"] = f"{verdict(figure.value)} than {figure.against}"
    return {column: row[column] for column in COLUMNS}
