"""``vereda build``: sources in, a scored network out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options.outputs import check_directory
from cli.shell.console import Session

if TYPE_CHECKING:
    from geodata.formats.steps import Steps
    from geodata.network.network import Network
    from geodata.sources.study import Study


@click.command("build")
@click.option("--area", type=click.Path(path_type=Path), default=None,
              help="File of the study area; `vereda area init` writes one. "
              "[default: the bundled region]")  # fmt: skip
@click.option("--roads", metavar="FILE", default=None,
              help="Roads to build from, instead of those that the area names: a file, or what "
              "osmnx is to download, as osmnx:bbox, osmnx:W,S,E,N, osmnx:polygon, "
              "osmnx:polygon:FILE or osmnx:PLACE.")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path), default=Path("network"),
              show_default=True, help="Directory for the network.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a network that is there.")
@click.option("--steps", "kept", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Directory where steps are kept, so that a build does again only what "
              "has changed. [default: .vereda beside the file of the area]")  # fmt: skip
@click.option("--afresh", is_flag=True, help="Make every step again, and keep none.")
@click.pass_obj
def build_command(
    session: Session,
    *,
    area: Path | None,
    roads: str | None,
    output: Path,
    overwrite: bool,
    kept: Path | None,
    afresh: bool,
) -> None:
    """Build the scored network of a study area, or of the bundled region.

    \b
    Examples:
      vereda build --output network --overwrite
      vereda build --area area.toml --output network
      vereda build --area area.toml --roads streets.graphml
      vereda build --area area.toml --roads osmnx:bbox
    """
    from geodata.builder.build import all_places, build_network
    from geodata.network.store import LAYOUT, save_network
    from geodata.sources.layers import table
    from routes.scores.scoring import score_network

    _check_steps(area, kept, afresh=afresh)
    named = [Path(text) for text in (area, roads) if text is not None]
    check_directory(output, LAYOUT, named, overwrite=overwrite)
    study = _study(session, area, None if afresh else kept, keep=not afresh)
    if roads is not None:
        study = study.with_roads(_roads(session, study, roads))
    network = build_network(
        study,
        study.area,
        rules=study.rules,
        titles=study.titles,
        progress=session.progress,
        steps=study.steps,
    )
    network = score_network(
        network,
        places=all_places(study),
        posts=table(study, "posts"),
        indicators=table(study, "indicators"),
        progress=session.progress,
    )
    session.progress("writing the network")
    save_network(network, output, overwrite=overwrite)
    _report(session, study, network, output, own=area is not None or roads is not None)


def _report(session: Session, study: Study, network: Network, output: Path, *, own: bool) -> None:
    """Show what was built; for data other than the bundled also what is missing or odd."""
    from geodata.builder.left_out import remarks_on

    notes = study.notes() if own else []
    remarks = [*study.remarks, *remarks_on(study, network)] if own else []
    steps = {"steps": {"made": study.steps.made, "kept": study.steps.kept}} if own else {}
    session.show(
        {
            "network": str(output), **network.meta["counts"],
            "lacking": [vars(note) for note in notes], "remarks": remarks, **steps,
        },
        [
            *(f"{note.layer}: {note.done}; {note.cost}." for note in notes),
            *remarks,
            f"Network of {len(network.nodes):,} nodes and {len(network.links):,} links "
            f"written to {output}.",
        ],
    )  # fmt: skip


def _check_steps(area: Path | None, kept: Path | None, *, afresh: bool) -> None:
    """Refuse a directory for steps where none are kept."""
    from geodata.errors import InputError

    if kept is None:
        return
    if afresh:
        raise InputError("steps", str(kept), "With --afresh none are kept; leave one out.")
    if area is None:
        remedy = "Those of the bundled region are not kept; leave it out, or add --area."
        raise InputError("steps", str(kept), remedy)


def _study(session: Session, area: Path | None, kept: Path | None, *, keep: bool) -> Study:
    """The study of a file, which keeps its steps beside it; or the bundled one, without any."""
    from geodata.borderlands.region import AREA
    from geodata.sources.study import Study

    if area is None:
        return Study.open(AREA)
    return Study.open(area, steps=kept_steps(session, area, kept) if keep else None)


def _roads(session: Session, study: Study, roads: str) -> str:
    """The file of roads: as it was named, or the one that osmnx has downloaded."""
    if roads.partition(":")[0] != "osmnx":
        return roads
    from geodata.sources.download.orders.orders import extent_by_layers, extent_of
    from geodata.sources.download.streets import fetch_streets

    word, _, file = roads.partition(":")[2].partition(":")
    if word == "polygon" and file:
        roads = f"osmnx:polygon:{Path(file).absolute()}"
    extent = extent_of(study.file)
    if extent.box is None:
        extent = extent_by_layers(study.file)
    return str(fetch_streets(roads, extent, progress=session.progress))


def kept_steps(session: Session, area: Path, kept: Path | None) -> Steps:
    """Where the steps of a study are kept: beside its file, unless told otherwise."""
    from geodata.formats.steps import Steps

    directory = kept or area.absolute().parent / ".vereda" / area.stem
    return Steps(directory=directory, progress=lambda name: session.progress(f"making {name}"))
