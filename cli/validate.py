"""``vereda validate``: a result held against events, as a table, a figure and files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.arguments import Finite
from cli.console import Session, table
from cli.outputs import check_directory
from routes.studies.defaults import BLOCK_M, TOLERANCE_M, VALIDATION_SEED

if TYPE_CHECKING:
    from geodata.area.titles import Titles
    from geodata.network.credit import Sources
    from geodata.network.network import Network
    from geodata.sources.userfiles.events import Events
    from routes.studies.validation.validation import Validation


@dataclass(frozen=True, kw_only=True)
class EventOptions:
    """What a result is compared with, and how; `validate` says what each option is."""

    file: str | None
    flow: str | None
    on: str
    since: str | None
    tolerance: float
    block: float
    seed: int

    def check(self) -> None:
        """Refuse a choice among the events of the network where a file has others."""
        from geodata.errors import InputError

        if self.file and self.flow:
            remedy = "It chooses among the network's own events: leave out this, or --events."
            raise InputError("flow", self.flow, remedy)

    def read(self) -> Events:
        """The events of the file."""
        from geodata.sources.userfiles.events import read_events

        assert self.file is not None
        return self._counting(read_events(self.file))

    def of_network(self, network: Network, *, profile: str) -> Events:
        """Those that the network has of the flow: the first word of a profile's name tells it."""
        from geodata.errors import InputError
        from geodata.network.evidence import recorded_events

        try:
            return self._counting(recorded_events(network, flow=self.flow or profile.split("-")[0]))
        except InputError as error:
            if self.flow or error.field != "flow":
                raise
            remedy = f"The first word of its name is no flow with events. {error.remedy}"
            raise InputError("profile", profile, remedy) from None

    def _counting(self, events: Events) -> Events:
        return events.since(self.since) if self.since else events


@click.command()
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--events", "file", metavar="FILE",
              help="Points with a date: CSV, GeoJSON, GeoPackage (FILE#LAYER), shapefile, KML, GPX "
              "or FlatGeobuf.  [default: those that the network keeps of the flow]")  # fmt: skip
@click.option("--flow", metavar="NAME",
              help="Of the network's events those of this flow, such as cocaine, or all.  "
              "[default: the first word of the profile's name]")  # fmt: skip
@click.option("--network", type=click.Path(path_type=Path), default=Path("network"),
              show_default=True, help="Network that the result was computed on.")  # fmt: skip
@click.option("--on", type=click.Choice(["land", "water", "all"]), default="land",
              show_default=True, help="Ground that events are held against.")  # fmt: skip
@click.option("--since", metavar="DATE", help="Leave out events before this day.")
@click.option("--tolerance", type=Finite(min=0, max=10_000), default=TOLERANCE_M / 1000,
              show_default=True, metavar="KM",
              help="How far a record may lie from its event.")  # fmt: skip
@click.option("--block", type=Finite(min=0, min_open=True, max=10_000), default=BLOCK_M / 1000,
              show_default=True, metavar="KM", help="Edge of a spatial block.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=VALIDATION_SEED,
              show_default=True, help="Of the bootstrap and the background.")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path), default=None,
              help="Directory for table, record and figure.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a validation that is there.")
@click.pass_obj
def validate(
    session: Session,
    /,
    *,
    result: Path,
    network: Path,
    output: Path | None,
    overwrite: bool,
    **options: Any,
) -> None:
    """Compare a result with events that it was not made from.

    Events are those that the network keeps of the flow, a sample of what public sources
    report; or points with a date of your own: a table with x and y (or lon and lat) and date,
    or points of a map layer with a date. The result is held against three rules that know
    nothing of its scores. Fewer than 30 events give intervals and the words "not validated".

    \b
    Examples:
      vereda validate out
      vereda validate out --events seizures.csv
      vereda validate out --events landings.gpkg --since 2019-01-01 --output validation
    """
    from geodata.network.evidence import event_sources
    from geodata.network.store import load_network
    from geodata.publication.result_directory import VALIDATION
    from geodata.publication.results import read_record, require_network
    from geodata.sources.userfiles.source import file_of
    from routes.studies.validation.findings import record

    terms = EventOptions(**options)
    terms.check()
    named = [file_of(terms.file)] if terms.file else []
    check_directory(output, VALIDATION, named, overwrite=overwrite)
    computed = read_record(result)
    holders = _holders(computed)
    events = terms.read() if terms.file else None
    session.progress("reading the network")
    loaded = load_network(network)
    require_network(computed, loaded)
    if events is None:
        events = terms.of_network(loaded, profile=computed["scenario"]["profile"])
        holders = _holders(computed, event_sources(loaded))
    findings, cut_off = _compare(session, result, loaded, events, terms)
    report = {**record(findings), "of": _origin(computed, events, terms.on)}
    report["words"] += _cut_words(computed, cut_off)
    session.show(report, _lines(report))
    if output is not None:
        session.progress("writing the validation")
        write(report, output, attribution=holders, titles=loaded.titles, overwrite=overwrite)
        session.say(f"Validation written to {output}.")


def _compare(
    session: Session, result: Path, network: Network, events: Events, terms: EventOptions
) -> tuple[Validation, str]:
    """The result and the nulls, held against the events; and what was cut off of the nulls."""
    from geodata.errors import DataError
    from geodata.publication.results import read_density, read_record
    from routes.scenario.scenario import Scenario
    from routes.studies.validation.capture_curve import ON, place, study_ground
    from routes.studies.validation.null_models import null_surfaces
    from routes.studies.validation.validation import MODEL, validate

    scenario = Scenario.from_record(read_record(result)["scenario"])
    usage = read_density(result, network)
    if not usage.any():
        remedy = "It has no corridor to compare: compute it with less slack, or fewer free ways."
        raise DataError("result", str(result), remedy)
    on = next(each for each in ON if each == terms.on)
    ground = study_ground(network, on=on, block_m=terms.block * 1000)
    placed = place(ground, events.x, events.y)
    session.progress("laying the nulls")
    nulls = null_surfaces(network, scenario)
    surfaces = {MODEL: usage, **nulls.surfaces}
    session.progress("comparing")
    findings = validate(
        ground, surfaces, placed, left_out=events.left_out, precision_km=events.precision_km,
        tolerance_m=terms.tolerance * 1000, seed=terms.seed,
    )  # fmt: skip
    return findings, nulls.cut_off


def _cut_words(computed: dict[str, Any], nulls: str) -> list[str]:
    """What searches that were cut off leave out: of the result, and of a null."""
    from routes.studies.validation.null_models import BLIND

    search = computed.get("search")
    own = search.get("reading") if isinstance(search, dict) else ""
    parts = {"In the result": own, f"In the {BLIND}": nulls}
    return [f"{where}, {words}" for where, words in parts.items() if words]


def _origin(computed: dict[str, Any], events: Events, on: str) -> dict[str, Any]:
    """What was compared with what."""
    first, last = events.period
    return {
        "profile": computed["scenario"]["profile"],
        "title": computed["scenario"]["title"],
        "network": computed["network"],
        "vereda": computed.get("vereda", ""),
        "events_file": events.file,
        "events_sha256": events.sha256,
        "first": first,
        "last": last,
        "ground": on,
    }


def _holders(computed: dict[str, Any], events: Sources = ()) -> str:
    """Whose data a result was made from, and whose events it is held against.

    Raises
    ------
    DataError
        When it does not tell.
    """
    from geodata.errors import DataError
    from geodata.network.credit import credit_line

    try:
        return credit_line([*computed["inputs"], *events])
    except (KeyError, TypeError) as error:
        remedy = "It does not tell whose data it was made from; compute it again: vereda corridors."
        raise DataError("result", "inputs", remedy) from error


def write(
    report: dict[str, Any], output: Path, *, attribution: str, titles: Titles, overwrite: bool
) -> None:
    """Write record, table and figure, whole or not at all."""
    import pandas as pd

    from geodata.cartography.printed.validation_figure import draw_validation
    from geodata.formats.files.store import whole_directory
    from geodata.formats.json_file import write_json
    from geodata.publication.result_directory import VALIDATION
    from routes.studies.validation.findings import COLUMNS

    of = report["of"]
    period = " to ".join(dict.fromkeys((of["first"], of["last"])))
    subtitle = (
        f"{of['title']}. Profile {of['profile']}, Vereda {of['vereda']}. "
        f"Events: {of['events_file']}, {period}."
    )
    with whole_directory(output, VALIDATION, overwrite=overwrite) as fresh:
        write_json(report, fresh / "validation.json")
        frame = pd.DataFrame(report["findings"], columns=list(COLUMNS))
        frame.to_csv(fresh / "validation.csv", index=False, lineterminator="\n")
        draw_validation(
            report,
            fresh / "validation.png",
            subtitle=subtitle,
            attribution=attribution,
            titles=titles,
        )


def _lines(report: dict[str, Any]) -> list[str]:
    rows = report["findings"]
    return [
        report["headline"],
        "",
        *_gain_table(rows),
        "",
        *_capture_table([row for row in rows if row["measure"] == "usage"]),
        "",
        *_other_table(rows),
        "",
        *report["words"],
    ]


def _gain_table(rows: list[dict[str, Any]]) -> list[str]:
    """Gain over each null, by both measures."""
    gains = [row for row in rows if row["statistic"] == "gain"]
    names = dict.fromkeys(row["against"] for row in gains)
    cells = [
        (name, *(_worded(row, "+.3f") for row in gains if row["against"] == name)) for name in names
    ]
    return table(("gain over", "by usage", "by distance from corridors"), cells)


def _capture_table(rows: list[dict[str, Any]]) -> list[str]:
    """Events caught by the area ranked first."""
    tops = dict.fromkeys(r["statistic"] for r in rows if r["statistic"].startswith("captured"))
    names = dict.fromkeys(row["of"] for row in rows)
    cells = [
        (name, *(_worded(row, ".0%") for top in tops for row in rows
                 if row["of"] == name and row["statistic"] == top))
        for name in names
    ]  # fmt: skip
    return table(("events captured by", *(top.removeprefix("captured in ") for top in tops)), cells)


def _other_table(rows: list[dict[str, Any]]) -> list[str]:
    """Boyce index, and the AUC by country."""
    cells = [
        (row["statistic"], row["country"] or "all", f"{row['events']:,}", row["blocks"],
         _worded(row, ".3f"), row["words"])
        for row in rows if row["statistic"] in ("boyce index", "auc")
    ]  # fmt: skip
    return table(("statistic", "country", "events", "blocks", "value and 95% interval", ""), cells)


def _worded(row: dict[str, Any], form: str) -> str:
    """Estimate and interval, as far as there are any."""
    if row["low"] is None:
        return "-"
    bounds = f"{row['low']:{form}} to {row['high']:{form}}"
    return bounds if row["estimate"] is None else f"{row['estimate']:{form}} ({bounds})"
