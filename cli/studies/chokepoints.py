"""``vereda chokepoints``: what closing each gateway does, and the fewest that cut every path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options.flow_options import FlowOptions, flow_options
from cli.options.outputs import check_outputs
from cli.shell.arguments import Finite
from cli.shell.console import Session, table
from routes.scenario.keys.fields import PROFILE
from routes.studies.defaults import LEAST_SHARE

if TYPE_CHECKING:
    from geodata.network.network import Network
    from routes.scenario.profiles import Profile
    from routes.studies.closures import Closure
    from routes.studies.cuts import Cut

SLACKS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.15)
"""Slacks of the curve when none are given."""
GAINING = 3
"""Gateways listed that gain most from a closure."""
MAPPED = 12
"""Closures listed under a map."""


@click.command("chokepoints")
@flow_options(profile=PROFILE)
@click.option("--slack", type=Finite(), multiple=True,
              help="How much dearer than the best a path may be; with --curve it may be given "
              "more than once.  [default: 0.1; with --curve 0 to 0.15]")  # fmt: skip
@click.option("--curve", is_flag=True, help="The smallest cut at each of several slacks.")
@click.option("--least", type=Finite(), default=None,
              help="Close gateways that carry at least this share of flow; with --curve none is "
              f"closed.  [default: {LEAST_SHARE}]")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), default=None,
              help="JSON file to write.")  # fmt: skip
@click.option("--map", "picture", type=click.Path(path_type=Path, dir_okay=False), default=None,
              help="PNG to write: with --curve the curve, else a map of the cut.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@click.pass_obj
def chokepoints_command(
    session: Session,
    *,
    question: FlowOptions,
    slack: tuple[float, ...],
    curve: bool,
    least: float | None,
    output: Path | None,
    picture: Path | None,
    overwrite: bool,
) -> None:
    """Close gateways one by one, and find the fewest that cut every path within the slack.

    \b
    Examples:
      vereda chokepoints --profile cocaine-north --slack 0.05
      vereda chokepoints --profile migrants-north --curve --map curve.png
      vereda chokepoints --curve --slack 0 --slack 0.1 --slack 0.2 --output cuts.json
    """
    from routes.scenario.scenario import Scenario
    from routes.studies.closures import close_gateways, cut_flow

    slacks = slack or (SLACKS if curve else (0.1,))
    _check(slacks, curve=curve, least=least)
    check_outputs({"output": output, "map": picture}, question.files(), overwrite=overwrite)
    flow = question.flow()
    router = question.router(session)
    loaded = router.network
    scenario = Scenario(profile=flow, slack=slacks[0])
    session.progress("seeking the smallest cut")
    cuts = cut_flow(router, scenario, slacks=slacks)
    closures = (
        [] if curve
        else close_gateways(router, scenario, least=LEAST_SHARE if least is None else least,
                            progress=session.progress)
    )  # fmt: skip
    record = _record(loaded, flow, cuts, closures)
    session.show(record, _lines(loaded, flow, cuts, closures))
    if output is not None:
        _write(record, output)
        session.say(f"Chokepoints written to {output}.")
    if picture is not None:
        session.progress("drawing")
        (_draw_curve if curve else _draw_map)(loaded, flow, cuts, closures, picture)
        session.say(f"Picture written to {picture}.")


def _check(slacks: tuple[float, ...], *, curve: bool, least: float | None) -> None:
    """Refuse options that are wrong by themselves or beside each other, before long work."""
    from geodata.errors import InputError
    from routes.search.slack import check_slack
    from routes.studies.closures import check_least

    for value in slacks:
        check_slack(value)
    if len(slacks) > 1 and not curve:
        raise InputError("slack", list(slacks), "Give one, or add --curve for several.")
    if least is not None:
        check_least(least)
        if curve:
            raise InputError("least", least, "With --curve no gateway is closed; leave one out.")


def _names(network: Network, cut: Cut) -> list[str]:
    return [str(network.gateways["name"].iloc[row]) for row in cut.gateways or ()]


def _record(
    network: Network, flow: Profile, cuts: list[Cut], closures: list[Closure]
) -> dict[str, Any]:
    ids = network.gateways["id"].astype(str)
    names = network.gateways["name"].astype(str)
    return {
        "profile": flow.name,
        "cuts": [
            {
                "slack": cut.slack,
                "size": cut.size,
                "gateways": [ids.iloc[row] for row in cut.gateways or ()],
                "names": _names(network, cut),
            }
            for cut in cuts
        ],
        "closures": [
            {
                "gateway": ids.iloc[closure.gateway],
                "name": names.iloc[closure.gateway],
                "usage": closure.usage,
                "lost": closure.lost,
                "cut": closure.cut,
                "added_hours": closure.added if closure.cut < 1 else None,
                "cut_off": closure.cut_off,
                "gains": [
                    {"gateway": ids.iloc[row], "name": names.iloc[row], "usage": rise}
                    for row, rise in closure.gains
                ],
            }
            for closure in closures
        ],
    }


def _cut_text(network: Network, cut: Cut) -> str:
    if cut.gateways is None:
        return "a path passes no gateway: nothing cuts it"
    return ", ".join(_names(network, cut))


def _lines(network: Network, flow: Profile, cuts: list[Cut], closures: list[Closure]) -> list[str]:
    sizes = ["none" if cut.size is None else cut.size for cut in cuts]
    rows = [
        (f"{cut.slack:.1%}", size, _cut_text(network, cut))
        for cut, size in zip(cuts, sizes, strict=True)
    ]
    lines = [
        f"{flow.name}: the fewest gateways that cut every path within the slack",
        *table(("slack", "size", "gateways"), rows),
    ]
    if closures:
        lines += ["", *_closure_table(network, closures)]
    return lines


def _closure_rows(network: Network, closures: list[Closure]) -> list[tuple[str, ...]]:
    """What each closure does, as cells of a table."""
    names = network.gateways["name"]
    return [
        (
            names.iloc[closure.gateway], f"{closure.usage:.1%}", f"{closure.lost:.0%}",
            f"{closure.added:.2f}" if closure.cut < 1 else "no path",
            ", ".join(f"{names.iloc[row]} {rise:+.1%}" for row, rise in closure.gains[:GAINING]),
        )
        for closure in closures
    ]  # fmt: skip


def _closure_table(network: Network, closures: list[Closure]) -> list[str]:
    header = ("closed", "usage", "lost", "hours added", "gaining most")
    reading = (
        "Lost: flow whose best way around is beyond the slack. Hours added: to the best way, "
        "mean over all flow; zero where a way as good passes elsewhere."
    )
    lines = [*table(header, _closure_rows(network, closures)), reading]
    if any(closure.cut_off for closure in closures):
        lines.append("Searches for corridors were cut off: shares are among those proven cheapest.")
    return lines


def _write(record: dict[str, Any], output: Path) -> None:
    from geodata.formats.files.store import whole_file
    from geodata.formats.text.json_file import write_json

    with whole_file(output) as path:
        write_json(record, path)


def _draw_curve(
    network: Network, flow: Profile, cuts: list[Cut], _: list[Closure], picture: Path
) -> None:
    from geodata.cartography.basemap import basemap_of
    from geodata.cartography.printed.cut_curve import CutPoint, draw_cut_curve
    from geodata.formats.files.store import whole_file

    points = [
        CutPoint(slack=cut.slack, size=cut.size, names=_names(network, cut))
        for cut in sorted(cuts, key=lambda cut: cut.slack)
    ]
    with whole_file(picture, field="map") as path:
        draw_cut_curve(
            points,
            path,
            title=f"How many gateways hold {flow.name}",
            subtitle="The fewest gateways whose closing leaves no path within the slack of the "
            "best path of each origin. Other sets of the same size may do as well.",
            attribution=basemap_of(network).attribution,
        )


def _draw_map(
    network: Network, flow: Profile, cuts: list[Cut], closures: list[Closure], picture: Path
) -> None:
    import geopandas as gpd

    from geodata.cartography.basemap import basemap_of
    from geodata.cartography.printed.route_map import MapTable, RouteLayers, draw_routes
    from geodata.formats.files.store import whole_file

    basemap = basemap_of(network)
    cut = cuts[0]
    empty = gpd.GeoDataFrame({"rank": [], "mode": []}, geometry=[], crs="OGC:CRS84")
    layers = RouteLayers(
        routes=empty,
        marks=gpd.GeoDataFrame(network.gateways.iloc[list(cut.gateways or ())]),
        ends=gpd.GeoDataFrame({"name": []}, geometry=[], crs="OGC:CRS84"),
        units=network.admin,
        area=network.area,
    )
    with whole_file(picture, field="map") as path:
        draw_routes(
            layers,
            basemap,
            path,
            title=f"The fewest gateways that cut {flow.name}",
            subtitle=f"Closing these {cut.size or 0} leaves no path within {cut.slack:.0%} of the "
            "least cost of any origin. Below: what closing one gateway alone does.",
            attribution=basemap.attribution,
            table=MapTable(
                header=("closed alone", "usage", "lost", "hours added", "gaining most"),
                rows=_closure_rows(network, closures[:MAPPED]),
                widths=(3.0, 0.8, 0.7, 1.1, 6.0),
            ),
        )
