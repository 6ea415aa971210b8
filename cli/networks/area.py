"""``vereda area``: a file for a new study area, and what one would give."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options.examples import show_examples
from cli.shell.arguments import Finite
from cli.shell.console import Session, table
from geodata.borderlands.examples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.area.box import Box
    from geodata.builder.forecast import Forecast, LayerReport


@click.group("area")
@show_examples("area")
def area_group() -> None:
    """Make the file of a study area, or check one."""


@area_group.command("init")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default=None, help="Short name. [default: that of the file]")
@click.option("--bbox", metavar="W,S,E,N", default=None,
              help="Box in degrees; east goes on beyond 180 across the antimeridian.")  # fmt: skip
@click.option("--iso", metavar="CODE", multiple=True,
              help=f"Country or first-order unit, such as {EXAMPLES.country} or "
              f"{EXAMPLES.remote_unit}, in which it lies; may be repeated.")  # fmt: skip
@click.option("--countries", metavar="CODES", default="",
              help=f"Countries that are studied whole, such as {EXAMPLES.countries}.")  # fmt: skip
@click.option("--cell", "cell_m", type=Finite(min=20, max=50_000), default=2000.0,
              show_default=True, help="Edge of a grid cell in metres.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
@show_examples("init")
def init(
    session: Session,
    *,
    file: Path,
    name: str | None,
    bbox: str | None,
    iso: tuple[str, ...],
    countries: str,
    cell_m: float,
    overwrite: bool,
) -> None:
    """Write a commented file for a study area, whose layers `vereda fetch` can get."""
    from geodata.errors import InputError
    from geodata.formats.files.store import whole_file
    from geodata.sources.area_file import parse_area
    from geodata.sources.area_file.template import NewArea, area_text

    codes = tuple(code.strip() for code in countries.split(",") if code.strip())
    if bbox is None and not iso:
        if not codes:
            remedy = f"Say where: --iso {EXAMPLES.country}, or --bbox=W,S,E,N."
            raise InputError("iso", None, remedy)
        iso = codes
    if bbox is not None and iso:
        raise InputError("bbox", bbox, "Give either --bbox or --iso.")
    if file.exists() and not overwrite:
        raise InputError("file", str(file), "It is there already; add --overwrite to replace it.")
    new = NewArea(
        name=file.stem if name is None else name,
        bbox=None if bbox is None else _box(bbox),
        iso=iso,
        countries=codes,
        cell_m=cell_m,
    )
    text = area_text(new, file=str(file))
    try:
        parse_area(text)
    except ValueError as error:
        raise _of_option(error) from None
    with whole_file(file, field="file") as fresh:
        fresh.write_text(text, encoding="utf-8")
    session.show(
        {"area": str(file)},
        [f"Wrote {file}. Next: vereda fetch {file}, then vereda build --area {file}."],
    )


def _of_option(error: ValueError) -> Exception:
    """What is wrong with the file, as what is wrong with the option that it came from."""
    from geodata.errors import DataError, InputError

    if not isinstance(error, DataError):
        return error
    field = error.field.removeprefix("area.")
    return InputError(field, error.value, error.remedy)


def _box(text: str) -> Box:
    from geodata.area.box import Box
    from geodata.errors import InputError

    try:
        west, south, east, north = (float(edge) for edge in text.split(","))
    except ValueError:
        remedy = "Give four numbers: west, south, east, north, as --bbox=W,S,E,N."
        raise InputError("bbox", text, remedy) from None
    return Box(west, south, east, north)


@area_group.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def check(session: Session, *, file: Path) -> None:
    """Tell what a study area has and lacks, and what a build would take; nothing is built.

    It reads the layers, and ends with code 3 when one of them cannot be used.

    \b
    Examples:
      vereda area check area.toml
      vereda --json area check area.toml
    """
    from cli.networks.build import kept_steps
    from geodata.builder.forecast import forecast
    from geodata.sources.study import Study

    study = Study.open(file, steps=kept_steps(session, file, None))
    seen = forecast(study, progress=session.progress)
    session.show(_record(seen), [*_lines(seen)])
    if seen.faults:
        click.get_current_context().exit(3)


def _record(seen: Forecast) -> dict[str, Any]:
    place = seen.area
    return {
        "area": None if place is None else {
            "name": place.name, "bbox": list(place.bbox), "countries": list(place.countries),
            "neighbours": list(place.neighbours), "cell_m": place.cell_m,
            "rows": place.shape[0], "columns": place.shape[1],
        },
        "layers": [asdict(each) for each in seen.layers],
        "roads": None if seen.roads is None else asdict(seen.roads),
        "lacking": [asdict(each) for each in seen.notes],
        "remarks": list(seen.remarks),
        "faults": seen.faults,
        "memory_mb": round(seen.memory_mb),
        "seconds": round(seen.seconds),
    }  # fmt: skip


def _lines(seen: Forecast) -> list[str]:
    place, lines = seen.area, []
    if place is not None:
        rows, columns = place.shape
        lines = [
            f"{place.name}: {', '.join(f'{edge:g}' for edge in place.bbox)}; "
            f"{', '.join(place.countries)}"
            + (f", and a strip of {', '.join(place.neighbours)}" if place.neighbours else ""),
            f"{rows:,} x {columns:,} cells of {place.cell_m:,.0f} m",
            "",
        ]
    lines += table(
        ("layer", "files", "MB", "CRS", "pixel m", "rows", "of the area", "values", "known"),
        [_row(each) for each in seen.layers if not each.fault],
    )
    if seen.roads is not None:
        lines += [
            "",
            f"Roads: {seen.roads.links:,} links, {seen.roads.length_km:,.0f} km in "
            f"{seen.roads.pieces:,} pieces; {seen.roads.largest:.1%} of the length is in the "
            "largest.",
        ]
    lines += _paragraph("Lacking", [f"{n.layer}: {n.done}; {n.cost}." for n in seen.notes])
    lines += _paragraph("Remarks", seen.remarks)
    lines += _paragraph("Cannot be used", seen.faults)
    return [
        *lines,
        "",
        f"A build is expected to take about {max(seen.seconds / 60, 0.1):.1f} minutes of one "
        f"processor and {max(seen.memory_mb / 1000, 0.1):.1f} GB of memory.",
    ]


def _paragraph(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"{title}:", *(f"  {line}" for line in lines)] if lines else []


def _row(each: LayerReport) -> tuple[object, ...]:
    least, most = each.values or (None, None)
    return (
        each.layer, each.files, f"{each.megabytes:.1f}", each.crs or "-",
        "-" if each.resolution_m is None else f"{each.resolution_m:,.0f}",
        "-" if each.rows is None else f"{each.rows:,}",
        "-" if each.share is None else f"{each.share:.0%}",
        "-" if least is None else f"{least:,.4g} to {most:,.4g}",
        "-" if each.known is None else f"{each.known:.0%}",
    )  # fmt: skip
