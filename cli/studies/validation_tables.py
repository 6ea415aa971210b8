"""Tables of a validation: what the command prints of its record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cli.shell.console import table

NO_TOWNS = "There is no town to compare events with: there is no test at places."
NOT_ASHORE = "Towns lie on land: there is no test at places with --on water or all."
Row = dict[str, Any]


def validation_lines(report: dict[str, Any], evaluation: int) -> list[str]:
    """All that a validation says, line by line; which evaluation of its events it is comes last."""
    rows = report["findings"]
    no_places = NO_TOWNS if report["of"]["ground"] == "land" else NOT_ASHORE
    return [
        report["headline"],
        "",
        *_gain_table(rows),
        "",
        *_capture_table([row for row in rows if row["measure"] == "usage"]),
        "",
        *_other_table(rows),
        "",
        *_place_lines(report["places"]),
        *report["words"],
        *([] if report["places"] else [no_places]),
        f"Evaluation {evaluation} on these events.",
    ]


def _gain_table(rows: list[Row]) -> list[str]:
    """Gain over each null, by both measures."""
    gains = [row for row in rows if row["statistic"] == "gain"]
    names = dict.fromkeys(row["against"] for row in gains)
    cells = [
        (name, *(_worded(row, "+.3f") for row in gains if row["against"] == name)) for name in names
    ]
    return table(("gain over", "by usage", "by distance from corridors"), cells)


def _capture_table(rows: list[Row]) -> list[str]:
    """Events caught by the area ranked first."""
    tops = dict.fromkeys(r["statistic"] for r in rows if r["statistic"].startswith("captured"))
    names = dict.fromkeys(row["of"] for row in rows)
    cells = [
        (name, *(_worded(row, ".0%") for top in tops for row in rows
                 if row["of"] == name and row["statistic"] == top))
        for name in names
    ]  # fmt: skip
    return table(("events captured by", *(top.removeprefix("captured in ") for top in tops)), cells)


def _other_table(rows: list[Row]) -> list[str]:
    """Boyce index, and the AUC by country."""
    cells = [
        (row["statistic"], row["country"] or "all", f"{row['events']:,}", row["blocks"],
         _worded(row, ".3f"), row["words"])
        for row in rows if row["statistic"] in ("boyce index", "auc")
    ]  # fmt: skip
    return table(("statistic", "country", "events", "blocks", "value and 95% interval", ""), cells)


def _worded(row: Row, form: str) -> str:
    """Estimate and interval, as far as there are any."""
    if row["low"] is None:
        return "-"
    bounds = f"{row['low']:{form}} to {row['high']:{form}}"
    return bounds if row["estimate"] is None else f"{row['estimate']:{form}} ({bounds})"


_AGAINST = ("weights zero", "nearest gateway", "cross-validated geography")
"""What the table of countries has; all is in the record."""
_BACKGROUNDS = ("all towns", "same country", "same setting", "same district")


def _place_lines(places: dict[str, Any] | None) -> Iterator[str]:
    """The test at places; nothing where there was no town."""
    if places is None:
        return
    sample, rows = places["sample"], places["findings"]
    yield places["headline"]
    yield ""
    yield (
        f"Test at places: {sample['events']:,} events in {sample['blocks']} blocks, "
        f"{sample['towns']:,} towns of {sample['districts']} districts, 95% intervals."
    )
    for lines in (_background_tables(rows), _country_table(rows), _length_table(rows),
                  _role_table(rows)):  # fmt: skip
        yield ""
        yield from lines
    yield ""


def _pick(rows: Sequence[Row], **columns: str) -> list[Row]:
    return [row for row in rows if all(row[name] == value for name, value in columns.items())]


def _background_tables(rows: list[Row]) -> Iterator[str]:
    """AUC of each surface, and the gain of the answer over the others, by background."""
    for statistic, key, form in (("auc", "of", ".3f"), ("gain", "against", "+.3f")):
        own = [row for row in _pick(rows, statistic=statistic, country="")
               if row["measure"] in _BACKGROUNDS]  # fmt: skip
        of = own[0]["of"]
        head = "AUC of" if statistic == "auc" else f"gain of {of} over"
        cells = [
            (name, *(_worded(row, form) for each in _BACKGROUNDS
                     for row in _pick(own, measure=each, **{key: name})))
            for name in dict.fromkeys(row[key] for row in own)
        ]  # fmt: skip
        if statistic == "gain":
            yield ""
        yield from table((head, *_BACKGROUNDS), cells)
    for each in _BACKGROUNDS:
        words = _pick(rows, statistic="auc", measure=each, country="", of=of)[0]["words"]
        if words:
            yield f"{each}: {words}"


def _country_table(rows: list[Row]) -> list[str]:
    """AUC of the answer and its gains within each country."""
    own = [row for row in rows if row["country"]]
    answer = own[0]["of"]
    against = [name for name in _AGAINST if _pick(own, against=name)]
    cells = []
    for country in dict.fromkeys(row["country"] for row in own):
        (auc,) = _pick(own, country=country, statistic="auc", of=answer)
        gains = [_pick(own, country=country, statistic="gain", against=name)[0]
                 for name in against]  # fmt: skip
        cells.append((country, auc["events"], auc["blocks"], _worded(auc, ".3f"),
                      *(_worded(row, "+.3f") for row in gains), auc["words"]))  # fmt: skip
    return table(("in", "events", "blocks", f"AUC of {answer}",
                  *(f"over {name}" for name in against), ""), cells)  # fmt: skip


def _length_table(rows: list[Row]) -> list[str]:
    """Events captured by the length of links ranked first, and the smoothed Boyce index."""
    tops = list(dict.fromkeys(
        row["statistic"] for row in rows if row["statistic"].startswith("captured")
    ))  # fmt: skip
    own = [row for row in rows if row["statistic"] in (*tops, "smoothed boyce index")]
    cells = [
        (name, *(_worded(row, ".0%") for top in tops for row in _pick(own, of=name, statistic=top)),
         *(_worded(row, ".3f") for row in _pick(own, of=name, statistic="smoothed boyce index")))
        for name in dict.fromkeys(row["of"] for row in own)
    ]  # fmt: skip
    heads = (top.removeprefix("captured in ") for top in tops)
    return table(("events captured by", *heads, "smoothed Boyce index"), cells)


def _role_table(rows: list[Row]) -> list[str]:
    """Each role of events by its own statistic, and the gain over what is blind to scores."""
    own = [row for row in rows if not row["country"] and row["measure"] not in _BACKGROUNDS
           and row["statistic"] in ("auc", "rank within kind", "gain")]  # fmt: skip
    if not own:
        return ["No event says what it tells of: there is no test by role."]
    against = list(dict.fromkeys(row["against"] for row in own if row["against"]))
    cells = []
    for measure in dict.fromkeys(row["measure"] for row in own):
        role = _pick(own, measure=measure)
        (value,) = [row for row in role if not row["against"]]
        gains = [_pick(role, against=name) for name in against]
        cells.append((measure.split(", ")[-1], f"{value['of']}, {value['statistic']}",
                      value["events"], value["blocks"], _worded(value, ".3f"),
                      *(_worded(gain[0], "+.3f") if gain else "-" for gain in gains),
                      value["words"]))  # fmt: skip
    return table(("role", "by", "events", "blocks", "value",
                  *(f"over {name}" for name in against), ""), cells)  # fmt: skip
