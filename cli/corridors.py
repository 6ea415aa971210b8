"""``vereda corridors``: one scenario, its table and its result directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.session import Session, table

if TYPE_CHECKING:
    from routes.profiles import Profile
    from routes.scenario import Result

LISTED = 12
"""Corridors in the printed table."""


@click.command()
@click.option("--network", type=click.Path(path_type=Path), default=Path("network"),
              show_default=True, help="Directory that `vereda build` wrote.")  # fmt: skip
@click.option("--profile", default="cocaine-north", show_default=True,
              help="Flow profile: a shipped name, or a TOML file.")  # fmt: skip
@click.option("--from", "origin", multiple=True, metavar="LON,LAT|NAME",
              help="Origin; may be given more than once. The profile's when left out.")  # fmt: skip
@click.option("--to", "destination", multiple=True, metavar="LON,LAT|NAME",
              help="Destination; may be given more than once.")  # fmt: skip
@click.option("--slack", type=float, default=0.15, show_default=True,
              help="How much dearer than the best a path may be, as a share of it.")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path), default=None,
              help="Result directory; only the table is printed when left out.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a result that is there.")
@click.pass_obj
def corridors(
    session: Session,
    *,
    network: Path,
    profile: str,
    origin: tuple[str, ...],
    destination: tuple[str, ...],
    slack: float,
    output: Path | None,
    overwrite: bool,
) -> None:
    r"""Compute the corridors of a flow, and write them as files that QGIS opens.

    \b
    Examples:
      vereda corridors --profile cocaine-north --output out
      vereda corridors --profile migrants-north --from "San Pedro Sula" --to Tapachula
      vereda corridors --from -84.9,15.9 --to "El Ceibo" --slack 0.1
    """
    from geodata.network import Network
    from geodata.store import check_target
    from geodata.writers import RESULT_FILES
    from routes.endpoints import parse_point
    from routes.scenario import Router, with_ends

    if output is not None:
        check_target(output, mark="result.json", files=RESULT_FILES, overwrite=overwrite)
    flow = read_profile(profile)
    scenario = with_ends(
        flow,
        [parse_point(text, field="from") for text in origin],
        [parse_point(text, field="to") for text in destination],
        slack=slack,
    )
    session.progress("reading the network")
    router = Router(Network.load(network))
    session.progress("computing corridors")
    result = router.run(scenario)
    session.show(_record(result), _lines(result))
    if output is not None:
        session.progress("writing the result")
        write(result, output, overwrite=overwrite)
        session.say(f"Result written to {output}.")


def read_profile(text: str) -> Profile:
    """A profile from a TOML file, or a shipped one by name.

    Raises
    ------
    InputError
        When the file is missing or the name unknown.
    """
    from geodata.errors import InputError
    from routes.profiles import load_profile, parse_profile

    path = Path(text)
    if path.suffix != ".toml":
        return load_profile(text)
    if not path.is_file():
        raise InputError("profile", text, "There is no such file.")
    return parse_profile(path.read_text("utf-8"))


def write(result: Result, output: Path, *, overwrite: bool) -> None:
    """Write the result directory, its map drawn over the bundled region."""
    import geopandas as gpd

    from geodata.basemap import Basemap
    from geodata.cartography import draw_map
    from geodata.sources import borderlands
    from geodata.writers import write_result

    bundle = borderlands()
    countries, lakes, places = (
        gpd.GeoDataFrame(bundle.frame(name)) for name in ("countries", "lakes", "places")
    )
    basemap = Basemap(countries=countries, lakes=lakes, places=places)
    scenario = result.provenance["scenario"]
    holders = dict.fromkeys(source["attribution"] for source in bundle.attributions())
    write_result(
        result,
        output,
        draw=lambda path: draw_map(
            result,
            basemap,
            path,
            title=scenario["title"],
            subtitle=f"Profile {scenario['profile']}, paths within {scenario['slack']:.0%} of the "
            f"least cost. Vereda {result.provenance['vereda']}.",
            attribution="; ".join(holders),
        ),
        overwrite=overwrite,
    )


def _record(result: Result) -> dict[str, object]:
    frame = result.corridors.drop(columns="geometry")
    return {"corridors": frame.to_dict("records"), "provenance": result.provenance}


def _lines(result: Result) -> list[str]:
    scenario = result.provenance["scenario"]
    frame = result.corridors.head(LISTED)
    rows = [
        (
            row.rank, row.name, f"{row.usage:.1%}", f"{row.hours:.1f}", f"{row.km_road:.0f}",
            f"{row.km_trail:.0f}", f"{row.km_river:.0f}", f"{row.km_sea:.0f}", row.origin,
        )
        for row in frame.itertuples(index=False)
    ]  # fmt: skip
    header = ("rank", "corridor", "usage", "hours", "road km", "trail km", "river km", "sea km",
              "origin")  # fmt: skip
    listed = float(frame["usage"].sum())
    return [
        f"{scenario['profile']}, slack {scenario['slack']:.0%}",
        *table(header, rows),
        f"These {len(frame)} carry {listed:.0%} of modelled flow. {result.provenance['reading']}",
    ]
