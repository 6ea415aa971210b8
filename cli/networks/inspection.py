"""``vereda inspect``: what a network or a result holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.shell.console import Session, table

if TYPE_CHECKING:
    import pandas as pd

    from geodata.network.network import Network

SHOWN = 10
"""Units in each list of the highest and lowest."""


@click.command("inspect")
@click.argument("directory", type=click.Path(path_type=Path), default=Path("network"))
@click.option("--scores", is_flag=True, help="Most and least remote, weakest and strongest units.")
@click.option("--distances", is_flag=True, help="Road distances beside published ones.")
@click.option("--checks", is_flag=True, help="Connectivity, waters and crossings of a network.")
@click.pass_obj
def inspect_command(
    session: Session, *, directory: Path, scores: bool, distances: bool, checks: bool
) -> None:
    """Show what a network or a result holds.

    \b
    Examples:
      vereda inspect network --scores
      vereda inspect network --distances
      vereda inspect out
    """
    if (directory / "result.json").is_file():
        _refuse_for_results(directory, scores=scores, distances=distances, checks=checks)
        _inspect_result(session, directory)
        return

    from geodata.network.store import load_network

    network = load_network(directory)
    if not (scores or distances or checks):
        _inspect_network(session, network)
    if scores:
        _inspect_scores(session, network)
    if distances:
        _inspect_distances(session, network)
    if checks:
        _inspect_checks(session, network)


def _refuse_for_results(directory: Path, **flags: bool) -> None:
    """Refuse options that only a network answers."""
    from geodata.errors import InputError

    for name, wanted in flags.items():
        if wanted:
            remedy = f"{directory} is a result; name a network, or leave --{name} out."
            raise InputError(name, True, remedy)


def _inspect_result(session: Session, directory: Path) -> None:
    from geodata.errors import DataError
    from geodata.publication.results.reading import RECORD, read_record

    record = read_record(directory)
    files = sorted(p for p in directory.iterdir() if p.is_file())
    try:
        lines = _result_lines(record, files)
    except (KeyError, TypeError, ValueError) as error:
        remedy = "It lacks what every result tells. Compute it again: vereda corridors."
        raise DataError("result", str(directory / RECORD), remedy) from error
    session.show(record, lines)


def _result_lines(record: dict[str, Any], files: list[Path]) -> list[str]:
    from geodata.publication.results.publish import slack_text

    scenario = record["scenario"]
    return [
        f"Result of {scenario['profile']}, slack {slack_text(scenario)}, vereda {record['vereda']}",
        f"network {record['network'][:12]}, {len(record['inputs'])} input layers",
        *table(("file", "bytes"), [(p.name, p.stat().st_size) for p in files]),
    ]


def _inspect_network(session: Session, network: Network) -> None:
    counts = network.meta["counts"]
    rows = [(f"{what} {kind}", f"{n:,}") for what in ("nodes", "links")
            for kind, n in counts[what].items()]  # fmt: skip
    kinds = network.gateways["kind"].value_counts().sort_index()
    rows += [(f"gateways {kind}", f"{n:,}") for kind, n in kinds.items()]
    joins = [(kind, join["joined"], f"{join['max_m']:.0f}")
             for kind, join in network.meta["joins"].items()]  # fmt: skip
    lines = [
        f"Network of {network.area.name}, vereda {network.meta['version']}, {network.digest[:12]}",
        *table(("what", "number"), rows),
        "",
        *table(("transfers", "number", "furthest m"), joins),
        f"{counts['nodes_left_out']} nodes that nothing joins to the rest were left out.",
    ]
    session.show(
        {"digest": network.digest, "counts": counts, "joins": network.meta["joins"]}, lines
    )


def _inspect_scores(session: Session, network: Network) -> None:
    units = network.admin.drop(columns="geometry")
    lines = []
    for score, high, low in (
        ("remoteness", "Most remote", "Least remote"),
        ("weakness", "Weakest governance", "Strongest governance"),
    ):
        ranked = units.sort_values(f"{score}_rank")
        for title, part in ((high, ranked.head(SHOWN)), (low, ranked.tail(SHOWN).iloc[::-1])):
            lines += ["", title, *_score_table(part, score)]
    session.show(units.to_dict("records"), lines[1:])


def _score_table(units: pd.DataFrame, score: str) -> list[str]:
    own = [column for column in map(str, units) if column.startswith(f"{score}_")]
    aside = ("low", "high", "rank", "rank_low", "rank_high", "components")
    parts = [column for column in own if column.removeprefix(f"{score}_") not in aside]
    header = ("rank", "90% of draws", "unit", "name", "score", "low", "high",
              *(part.removeprefix(f"{score}_") for part in parts))  # fmt: skip
    rows = [
        (
            unit[f"{score}_rank"], f"{unit[f'{score}_rank_low']}-{unit[f'{score}_rank_high']}",
            unit["id"], unit["name"], f"{unit[score]:.2f}", f"{unit[f'{score}_low']:.2f}",
            f"{unit[f'{score}_high']:.2f}",
            *("-" if unit[part] != unit[part] else f"{unit[part]:.2f}" for part in parts),
        )
        for unit in units.to_dict("records")
    ]  # fmt: skip
    return table(header, rows)


def _inspect_distances(session: Session, network: Network) -> None:
    from geodata.builder.roads.distances import road_distance

    if "distances" not in network.layers:
        session.show({"pairs": []}, ["No published distances are among the network's sources."])
        return
    pairs = network.layers["distances"]
    roads = network.links[network.links["mode"] == "road"]
    checked = road_distance(network.nodes, roads, pairs[pairs["use_for_check"] == "yes"])
    rows = [
        (pair.town_a, pair.town_b, f"{pair.km:.0f}", f"{pair.model_km:.0f}", f"{pair.error:+.0%}")
        for pair in checked.itertuples()
    ]
    off = checked["error"].abs()
    summary = {
        "pairs": len(off),
        "missing": int(off.isna().sum()),
        "median_abs_error": float(off.median()),
        "within_20_percent": float((off <= 0.2).mean()),
    }
    lines = [
        *table(("from", "to", "published km", "model km", "error"), rows),
        f"{summary['pairs']} pairs, median absolute error {summary['median_abs_error']:.1%}, "
        f"{summary['within_20_percent']:.0%} within 20%, {summary['missing']} not on the network.",
    ]
    session.show({"pairs": checked.to_dict("records"), **summary}, lines)


def _inspect_checks(session: Session, network: Network) -> None:
    import pandas as pd

    from routes.search.connectivity import crossing_paths, reached_by_water, strong_share

    titles = network.titles
    shares = strong_share(network)
    waters = pd.DataFrame({"water": [], "hours": []})
    if titles.open_sea is not None and titles.boating:
        waters = reached_by_water(network, titles.boating, origin=titles.open_sea)
    crossings = crossing_paths(network)
    touching, boats = _links_on_land(network)
    lines = [
        *(f"{share:.2%} of {kind} nodes lie in one strongly connected component"
          for kind, share in shares.items()),
        *([] if touching is None else
          [f"{touching} of {boats:,} sea links touch land at full coast resolution"]),
        *_apart(("by boat from the open sea to", "hours"),
                [(str(row.water), f"{row.hours:.1f}") for row in waters.itertuples()]),
        *_apart(("crossing", "nearest place", "", "km by road", "across", "", "km by road"),
                [(str(row["name"]), *_by_road(row, "a"), *_by_road(row, "b"))
                 for _, row in crossings.iterrows()]),
    ]  # fmt: skip
    record = {
        "strongly_connected": shares.to_dict(),
        "sea_links_touching_land": touching,
        "waters": waters.to_dict("records"),
        "crossings": crossings.to_dict("records"),
    }
    session.show(record, lines)


def _apart(header: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """A table below an empty line, or nothing without rows."""
    return ["", *table(header, rows)] if rows else []


def _by_road(crossing: pd.Series, end: str) -> tuple[str, str, str]:
    """The place that a side of a crossing is joined to, its country, and how far it is."""
    place, country, km = (crossing[f"{what}_{end}"] for what in ("place", "country", "km"))
    return (place, country, f"{km:.1f}") if place else ("no road", country, "-")


def _links_on_land(network: Network) -> tuple[int | None, int]:
    """Number of links by boat that touch land, None without a coast; and of all links by boat."""
    import geopandas as gpd

    from geodata.builder.study_grid import touching_land

    links = network.links
    boats = (links["mode"].isin(["sea"]) | links["class"].isin(["lake", "lagoon"])).to_numpy()
    if "countries" not in network.layers:
        return None, int(boats.sum())
    countries = gpd.GeoDataFrame(network.layers["countries"])
    on_land = touching_land(countries, network.lines(boats.nonzero()[0]))
    return int(on_land.sum()), int(boats.sum())
