"""``vereda validate``: a result held against events, as a table, a figure and files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options.outputs import check_directory
from cli.shell.arguments import Finite
from cli.shell.console import Session
from cli.studies.validation_tables import validation_lines
from routes.studies.defaults import BLOCK_M, TOLERANCE_M, VALIDATION_SEED

if TYPE_CHECKING:
    from geodata.area.titles import Titles
    from geodata.arrays import Float64Array
    from geodata.network.credit import Sources
    from geodata.network.network import Network
    from geodata.sources.userfiles.events import Events
    from routes.router import Router
    from routes.scenario.scenario import Scenario
    from routes.studies.validation.validation_cells import Placed, ValidationCells


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

    def files(self) -> list[Path]:
        """Files that it names.

        Raises
        ------
        InputError
            When it chooses among the events of the network beside a file that has others.
        """
        from geodata.errors import InputError
        from geodata.sources.userfiles.source import file_of

        if self.file and self.flow:
            remedy = "It chooses among the network's own events: leave out this, or --events."
            raise InputError("flow", self.flow, remedy)
        return [file_of(self.file)] if self.file else []

    def named_flow(self, profile: str) -> str:
        """The flow whose events count: the first word of a profile's name tells it."""
        return self.flow or profile.split("-")[0]

    def read(self, *, profile: str) -> Events:
        """The events of the file; where it says of which flow they are, those of the profile's."""
        from geodata.sources.userfiles.events import read_events

        assert self.file is not None
        return self._counting(read_events(self.file).of_flow(self.named_flow(profile)))

    def of_network(self, network: Network, *, profile: str) -> Events:
        """Those that the network has of the flow."""
        from geodata.errors import InputError
        from geodata.network.evidence import ALL, recorded_events

        own = profile.split("-")[0]
        try:
            events = recorded_events(network, flow=self.named_flow(profile))
        except InputError as error:
            if self.flow or error.field != "flow":
                raise
            remedy = f"The first word of its name is no flow with events. {error.remedy}"
            raise InputError("profile", profile, remedy) from None
        if self.flow not in (None, own, ALL) and own in {*network.layers["events"]["flow"]}:
            remedy = f"The result is of {profile}, which models {own}: leave it out, or name {own}."
            raise InputError("flow", self.flow, remedy)
        return self._counting(events)

    def _counting(self, events: Events) -> Events:
        """Those since the day; at least one."""
        from geodata.errors import DataError

        counting = events.since(self.since) if self.since else events
        if not len(counting):
            dropped = ", ".join(f"{n} {reason}" for reason, n in counting.left_out.items() if n)
            remedy = f"None can be used ({dropped}): give events with coordinates and a date."
            raise DataError("events", counting.file, remedy)
        return counting


@click.command("validate")
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
@click.option("--log", type=click.Path(path_type=Path), default=None, metavar="DIR",
              help="Directory of evaluations.jsonl, which gets a line for each evaluation.  "
              "[default: the one that RESULT lies in]")  # fmt: skip
@click.pass_obj
def validate_command(
    session: Session,
    /,
    *,
    result: Path,
    network: Path,
    output: Path | None,
    overwrite: bool,
    log: Path | None,
    **options: Any,
) -> None:
    """Compare a result with events that it was not made from.

    Events are those that the network keeps of the flow, a sample of what public sources
    report; or points with a date of your own: a table with x and y (or lon and lat) and date,
    or points of a map layer with a date. The result is held against three rules that know
    nothing of its scores; then, at places, against towns, by nearness and usage, beside the same
    scenario with weights zero and simple rulers of the map, alone and together. docs/validation.md
    has the protocol. Fewer than 30 events give intervals and the words "not validated". Each
    evaluation is counted: many tries on few events find a good one by chance.

    \b
    Examples:
      vereda validate out
      vereda validate out --events seizures.csv
      vereda validate out --events landings.gpkg --since 2019-01-01 --output validation
    """
    from geodata.network.evidence import event_sources
    from geodata.network.store import load_network
    from geodata.publication.evaluation_log import check_log, log_evaluation
    from geodata.publication.results.reading import read_record, require_network
    from geodata.publication.results.result_files import VALIDATION
    from routes.router import Router
    from routes.scenario.scenario import Scenario

    terms = EventOptions(**options)
    check_directory(output, VALIDATION, terms.files(), overwrite=overwrite)
    computed = read_record(result)
    lines = check_log(log or result.absolute().parent)
    scenario, holders = Scenario.from_record(computed["scenario"]), _holders(computed)
    profile = scenario.profile.name
    events = terms.read(profile=profile) if terms.file else None
    session.progress("reading the network")
    loaded = load_network(network)
    require_network(computed, loaded)
    if events is None:
        events = terms.of_network(loaded, profile=profile)
        holders = _holders(computed, event_sources(loaded))
    report = EventComparison(
        result=result, router=Router(loaded), scenario=scenario, terms=terms,
        cut_off=_cut_off(computed),
    ).report(events, session)  # fmt: skip
    report["of"] = _origin(computed, events, terms.on)
    # The count differs between runs that are alike otherwise, and so is no part of the report.
    number = log_evaluation(lines, _evaluation(report, result, terms, profile))
    session.show({**report, "evaluation": number}, validation_lines(report, number))
    if output is not None:
        session.progress("writing the validation")
        write(report, output, attribution=holders, titles=loaded.titles, overwrite=overwrite)
        session.say(f"Validation written to {output}.")


@dataclass(frozen=True, kw_only=True)
class EventComparison:
    """A result, what a search for it that was cut off leaves out, and what it is compared with."""

    result: Path
    router: Router
    scenario: Scenario
    terms: EventOptions
    cut_off: str

    def report(self, events: Events, session: Session) -> dict[str, Any]:
        """What events say of it, on cells and at places; JSON types only."""
        from routes.studies.validation.cell_test.findings import record
        from routes.studies.validation.cell_test.validation import MODEL, validate
        from routes.studies.validation.null_models import BLIND, null_surfaces
        from routes.studies.validation.spatial_bootstrap import require_blocks
        from routes.studies.validation.validation_cells import ON, place, study_ground

        terms, network, usage = self.terms, self.router.network, self._usage()
        on = next(each for each in ON if each == terms.on)
        ground = study_ground(network, on=on, block_m=terms.block * 1000)
        placed = place(ground, events.x, events.y)
        require_blocks(ground.block[placed.cell[placed.cell >= 0]])
        session.progress("laying the nulls")
        nulls = null_surfaces(network, self.scenario, router=self.router)
        session.progress("comparing")
        findings = validate(
            ground, {MODEL: usage, **nulls.surfaces}, placed, left_out=events.left_out,
            precision_km=events.precision_km, tolerance_m=terms.tolerance * 1000, seed=terms.seed,
        )  # fmt: skip
        findings = replace(findings, cut_off={MODEL: self.cut_off, BLIND: nulls.cut_off})
        session.progress("comparing at places")
        return {**record(findings), "places": self._at_places(ground, events, placed, usage)}

    def _usage(self) -> Float64Array:
        """Usage on the area's grid, of which there is some.

        Raises
        ------
        DataError
            When no corridor was proven.
        """
        from geodata.errors import DataError
        from geodata.publication.results.reading import read_density

        usage = read_density(self.result, self.router.network)
        if not usage.any():
            remedy = (
                "It has no corridor to compare: compute it with less slack, or fewer free ways."
            )
            raise DataError("result", str(self.result), remedy)
        return usage

    def _at_places(
        self, ground: ValidationCells, events: Events, placed: Placed, usage: Float64Array
    ) -> dict[str, Any] | None:
        """The test at places; none where there is no town to compare with, or not on land.

        Towns lie ashore: against events at sea they would tell land from sea.
        """
        from geodata.publication.results.reading import read_nearness
        from routes.studies.validation.place_test.answers import Answer
        from routes.studies.validation.place_test.place_findings import place_record
        from routes.studies.validation.place_test.place_test import Surfaces, compare_at_places
        from routes.studies.validation.place_test.places import place_events

        if self.terms.on != "land":
            return None
        network, tolerance_m = self.router.network, self.terms.tolerance * 1000
        places = place_events(network, ground, events, placed, tolerance_m=tolerance_m)
        if not len(places.towns):
            return None
        cell, gateway = read_nearness(self.result, network)
        surfaces = Surfaces.of(
            self.router, self.scenario, answer=Answer(cell=cell, gateway=gateway), usage=usage,
            tolerance_m=tolerance_m,
        )  # fmt: skip
        return place_record(compare_at_places(network, places, surfaces, seed=self.terms.seed))


def _cut_off(computed: dict[str, Any]) -> str:
    """What the search for a result that was cut off leaves out, in words."""
    search = computed.get("search")
    return str(search.get("reading") or "") if isinstance(search, dict) else ""


def _evaluation(
    report: dict[str, Any], result: Path, terms: EventOptions, profile: str
) -> dict[str, Any]:
    """What the log says of an evaluation."""
    from geodata.formats.files.store import sha256
    from geodata.publication.results.reading import RECORD

    of, places = report["of"], report["places"]
    return {
        "vereda": version("vereda"),
        "network": of["network"],
        "result": sha256(result / RECORD),
        "profile": profile,
        "events": of["events_sha256"] or of["events_file"],
        "events_file": of["events_file"],
        "flow": terms.named_flow(profile),
        "first": of["first"],
        "last": of["last"],
        "settings": report["settings"],
        "sample": report["sample"],
        "measured": places["measured"] if places else {},
    }


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
    from geodata.formats.text.json_file import write_json
    from geodata.publication.results.result_files import VALIDATION
    from routes.studies.validation.sample import COLUMNS

    of = report["of"]
    period = " to ".join(dict.fromkeys((of["first"], of["last"])))
    subtitle = (
        f"{of['title']}. Profile {of['profile']}, Vereda {of['vereda']}. "
        f"Events: {of['events_file']}, {period}."
    )
    with whole_directory(output, VALIDATION, overwrite=overwrite) as fresh:
        write_json(report, fresh / "validation.json")
        rows = [*report["findings"], *(report["places"] or {"findings": ()})["findings"]]
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        frame.to_csv(fresh / "validation.csv", index=False, lineterminator="\n")
        draw_validation(
            report,
            fresh / "validation.png",
            subtitle=subtitle,
            attribution=attribution,
            titles=titles,
        )
