"""``vereda alternatives``: ways between two ends that differ from each other and make sense."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options.examples import show_examples
from cli.options.flow_options import FlowOptions, flow_options
from cli.options.outputs import check_outputs
from cli.shell.arguments import Finite
from cli.shell.console import Session, table
from routes.alternatives.criteria import AlternativeCriteria

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.network.network import Network
    from routes.alternatives.plateaus import Alternative
    from routes.scenario.ends.endpoints import Located
    from routes.scenario.profiles import Profile
    from routes.search.arcs import Arcs


@click.command("alternatives")
@flow_options(profile="migrants-north")
@click.option("--most", type=click.IntRange(max=100), default=AlternativeCriteria.most,
              show_default=True,
              help="How many ways at most, the best included.")  # fmt: skip
@click.option("--sharing", type=Finite(), default=AlternativeCriteria.sharing,
              show_default=True,
              help="Largest share of its length that a way may run beside a better.")  # fmt: skip
@click.option("--slack", type=Finite(), default=AlternativeCriteria.slack,
              show_default=True,
              help="How much dearer than the best a way may be, as a share of it.")  # fmt: skip
@click.option("--detour", type=Finite(), default=AlternativeCriteria.detour,
              show_default=True,
              help="How much dearer than the cheapest any stretch of a way may be.")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), default=None,
              help="GeoJSON file to write.")  # fmt: skip
@click.option("--map", "picture", type=click.Path(path_type=Path, dir_okay=False), default=None,
              help="PNG map to write.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@click.pass_obj
@show_examples("alternatives")
def alternatives_command(
    session: Session,
    *,
    question: FlowOptions,
    output: Path | None,
    picture: Path | None,
    overwrite: bool,
    **options: Any,
) -> None:
    """Find ways that differ from every better one and hold no needless detour."""
    from routes.alternatives.itineraries import alternative_table, find_alternatives
    from routes.phrases import describe_snaps
    from routes.scenario.scenario import Scenario

    criteria = AlternativeCriteria(**options)
    check_outputs({"output": output, "map": picture}, question.files(), overwrite=overwrite)
    flow = question.flow()
    router = question.router(session)
    loaded = router.network
    scenario = Scenario(profile=flow)
    starts, ends = router.ends(scenario)
    session.progress("seeking alternatives")
    ways = find_alternatives(router, scenario, criteria=criteria)
    frame = alternative_table(loaded, router.arcs, ways, starts, ends)
    end_records = [end.record(loaded) for end in (*starts, *ends)]
    record = {**_record(frame, flow, criteria), "ends": end_records}
    session.show(record, [*_lines(frame, flow, criteria), *describe_snaps(end_records)])
    if output is not None:
        _write(frame, output)
        session.say(f"Alternatives written to {output}.")
    if picture is not None:
        session.progress("drawing the map")
        _draw(loaded, router.arcs, ways, frame, [*starts, *ends], picture, criteria)
        session.say(f"Map written to {picture}.")


def _record(
    frame: gpd.GeoDataFrame, flow: Profile, criteria: AlternativeCriteria
) -> dict[str, object]:
    from dataclasses import asdict

    rows = frame.drop(columns="geometry").to_dict("records")
    return {"profile": flow.name, **asdict(criteria), "alternatives": rows}


def _lines(frame: gpd.GeoDataFrame, flow: Profile, criteria: AlternativeCriteria) -> list[str]:
    rows = [
        (
            row.rank, row.name, f"{row.slack:+.1%}", f"{row.sharing:.0%}", f"{row.hours:.1f}",
            f"{row.km:.0f}", f"{row.km_road:.0f}", f"{row.km_trail:.0f}", f"{row.km_river:.0f}",
            f"{row.km_sea:.0f}", row.roads,
        )
        for row in frame.itertuples(index=False)
    ]  # fmt: skip
    header = ("rank", "by", "cost", "shared", "hours", "km", "road km", "trail km", "river km",
              "sea km", "roads")  # fmt: skip
    lines = [
        f"{flow.name}: {frame['origin'].iloc[0]} to {frame['destination'].iloc[0]}",
        *table(header, rows),
        "Shared: the largest part of its length within 5 km of one better way.",
    ]
    if len(frame) < criteria.most:
        lines.append(
            f"No further way stays within {criteria.slack:.0%} of the least cost, shares at most "
            f"{criteria.sharing:.0%} and makes no detour above {criteria.detour:.0%}."
        )
    return lines


def _write(frame: gpd.GeoDataFrame, output: Path) -> None:
    from geodata.formats.files.store import whole_file
    from geodata.formats.geojson.features import collection

    with whole_file(output) as path:
        path.write_text(collection(frame), "utf-8")


def _draw(
    network: Network,
    arcs: Arcs,
    ways: list[Alternative],
    frame: gpd.GeoDataFrame,
    ends: list[Located],
    picture: Path,
    criteria: AlternativeCriteria,
) -> None:
    """Draw the map over the region of the network."""
    import geopandas as gpd

    from geodata.cartography.basemap import basemap_of
    from geodata.cartography.printed.route_map import MapTable, RouteLayers, draw_routes
    from geodata.formats.files.store import whole_file
    from routes.alternatives.itineraries import gateway_points, stretches

    basemap = basemap_of(network)
    shown = set(frame["origin"]) | set(frame["destination"])
    # The end of a way is a node; an end that is a whole border is marked where ways meet it.
    used = {int(node) for way in ways
            for node in (arcs.tail[way.path[0]], arcs.head[way.path[-1]])}  # fmt: skip
    nodes = [(end.name, node) for end in ends if end.name in shown
             for node in end.nodes.tolist() if node in used]  # fmt: skip
    at = network.nodes.iloc[[node for _, node in nodes]]
    layers = RouteLayers(
        routes=stretches(network, arcs, ways),
        marks=gateway_points(network, arcs, ways),
        ends=gpd.GeoDataFrame({"name": [name for name, _ in nodes]},
                              geometry=gpd.points_from_xy(at["x"], at["y"]), crs="OGC:CRS84"),
        units=network.admin,
        area=network.area,
    )  # fmt: skip
    cells = [
        (str(row.rank), str(row.name), f"{row.slack:+.1%}", f"{row.sharing:.0%}",
         f"{row.hours:.1f}", f"{row.km:.0f}", str(row.roads))
        for row in frame.itertuples(index=False)
    ]  # fmt: skip
    with whole_file(picture, field="map") as path:
        draw_routes(
            layers,
            basemap,
            path,
            title=f"Ways from {frame['origin'].iloc[0]} to {frame['destination'].iloc[0]}",
            subtitle=f"Within {criteria.slack:.0%} of the least cost; each shares at most "
            f"{criteria.sharing:.0%} of its length with any better one and makes no detour above "
            f"{criteria.detour:.0%}. Broken lines are off the road or at sea.",
            attribution=basemap.attribution,
            table=MapTable(
                header=("", "by", "cost", "shared", "hours", "km", "roads followed longest"),
                rows=cells,
                widths=(0.4, 5.0, 0.9, 0.9, 0.8, 0.8, 3.2),
            ),
        )  # fmt: skip
