"""``vereda compare``: what other results lose and gain beside a base."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options.examples import show_examples
from cli.options.outputs import check_apart, check_directory
from cli.shell.arguments import Finite
from cli.shell.console import Session, table

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.network.network import Network
    from routes.studies.comparison.comparison import Comparison

SHOWN = 6
"""Gateways in the printed table that lose most, and that gain most."""


@click.command("compare")
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("others", nargs=-1, required=True, type=click.Path(path_type=Path),
                metavar="OTHER...")  # fmt: skip
@click.option("--network", type=click.Path(path_type=Path), default=Path("network"),
              show_default=True, help="Network that the results were computed on.")  # fmt: skip
@click.option("--elasticity", type=Finite(min=0, max=10), default=0.0, show_default=True,
              help="By how many percent the flow of an origin, or of each of its destinations "
              "where demand is by pair or share, falls when its least cost rises by one "
              "percent.")  # fmt: skip
@click.option("--draws", type=click.IntRange(0, 100_000), default=None,
              help="Paired draws for intervals, 0 for none.  [default: as many as all results "
              "have]")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path), default=None,
              help="Directory for layers, tables and map; of several others each has a directory "
              "in it.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace comparisons that are there.")
@click.pass_obj
@show_examples("compare")
def compare_command(
    session: Session,
    /,
    *,
    base: Path,
    others: tuple[Path, ...],
    network: Path,
    elasticity: float,
    draws: int | None,
    output: Path | None,
    overwrite: bool,
) -> None:
    """Say what moves where: usage lost and gained, cost added and flow deterred.

    Results are of one network, version and flow, and differ in what is closed, strengthened or
    passed, or in costs. Both are computed anew from their records, so that nothing is left out
    that a result does not list. What leaves equals what arrives and what is deterred, or it is an
    error. Intervals are of paired draws: each draw is one of both results.
    """
    from geodata.publication.comparisons import COMPARISON
    from geodata.publication.results.reading import RECORD

    named = _named(others)
    targets = _targets(list(named), output)
    read = [path / RECORD for path in (base, *others)]
    check_apart({"output": output}, read)
    for target in targets.values():
        check_directory(target, COMPARISON, read, overwrite=overwrite)
    records, loaded = _records(session, base, named, network)
    comparisons, drawn = _compare(session, records, loaded, elasticity=elasticity, draws=draws)
    reports = {
        name: {
            **_origin(records, name), "elasticity": elasticity,
            "draws": drawn[name], **comparison.record(),
        }
        for name, comparison in comparisons.items()
    }  # fmt: skip
    shown = {name: {**reports[name], **_tables(comparison)}
             for name, comparison in comparisons.items()}  # fmt: skip
    lines = [line for name, comparison in comparisons.items()
             for line in _lines(reports[name], comparison)]  # fmt: skip
    session.show({"base": str(base), "others": shown}, lines)
    for name, target in targets.items():
        session.progress(f"writing {target}")
        _publish(reports[name], comparisons[name], target, overwrite=overwrite)
        session.say(f"Comparison written to {target}.")


def _named(others: Sequence[Path]) -> dict[str, Path]:
    """Directories by their names.

    Raises
    ------
    InputError
        When two have one name.
    """
    from geodata.errors import InputError

    named: dict[str, Path] = {}
    for path in others:
        name = Path(os.path.realpath(path)).name
        if name in named:
            remedy = "Two of the others have this name; give each a directory with its own."
            raise InputError("other", str(path), remedy)
        named[name] = path
    return named


def _targets(names: Sequence[str], output: Path | None) -> dict[str, Path]:
    """The place to which each comparison is written."""
    if output is None:
        return {}
    return {name: output if len(names) == 1 else output / name for name in names}


def _records(
    session: Session, base: Path, others: Mapping[str, Path], network: Path
) -> tuple[dict[str, Any], Network]:
    """What the results say, the base first and under no name; and their network."""
    from geodata.network.store import load_network
    from geodata.publication.results.reading import read_record, require_network
    from routes.studies.comparison.likeness import require_alike, require_version

    records = {"": read_record(base), **{name: read_record(path) for name, path in others.items()}}
    require_version(records[""], name=str(base))
    for name, path in others.items():
        require_alike(records[""], records[name], name=str(path))
    session.progress("reading the network")
    loaded = load_network(network)
    require_network(records[""], loaded)
    return records, loaded


def _compare(
    session: Session,
    records: Mapping[str, Any],
    network: Network,
    *,
    elasticity: float,
    draws: int | None,
) -> tuple[dict[str, Comparison], dict[str, dict[str, float] | None]]:
    """The comparisons by name, and the draws that each was made with."""
    from routes.router import Router
    from routes.scenario.scenario import Scenario
    from routes.studies.comparison.comparison import compare_scenarios
    from routes.studies.comparison.likeness import shared_draws
    from routes.studies.ensemble import check_draws

    if draws:
        check_draws(draws)
    paired = shared_draws(list(records.values()), count=draws)
    scenarios = {name: Scenario.from_record(each["scenario"]) for name, each in records.items()}
    base = scenarios.pop("")
    comparisons = compare_scenarios(
        Router(network), base, scenarios, paired, elasticity=elasticity, progress=session.progress
    )
    named = dict(zip(scenarios, comparisons, strict=True))
    drawn = {
        name: {**paired.record(base.profile, scenarios[name].profile), "cut_off": each.cut_off}
        if paired.count else None
        for name, each in named.items()
    }  # fmt: skip
    return named, drawn


def _origin(records: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What was compared with what."""
    from geodata.publication.results.reading import scenario_title
    from routes.studies.comparison.likeness import differences

    base, other = records[""], records[name]
    return {
        "vereda": base["vereda"],
        "network": base["network"],
        "inputs": base.get("inputs", []),
        "base": {"title": scenario_title(base["scenario"]), "scenario": base["scenario"]},
        "other": {"title": scenario_title(other["scenario"]), "scenario": other["scenario"]},
        "differs_in": differences(base, other),
    }


def _tables(comparison: Comparison) -> dict[str, Any]:
    """Tables of the JSON output, without segments, which are too many."""
    return {name: getattr(comparison, name).drop(columns="geometry").to_dict("records")
            for name in ("gateways", "sectors", "admin", "countries")}  # fmt: skip


def _lines(report: Mapping[str, Any], comparison: Comparison) -> list[str]:
    """What is printed of a comparison."""
    gateways = comparison.gateways
    losing = gateways[gateways["lost"] > 0].head(SHOWN)
    gaining = gateways[gateways["gained"] > 0].head(SHOWN)
    lines = [
        f"{report['other']['title']}, beside {report['base']['title']}; {_differing(report)}:",
        _books_line(report["books"]),
        "",
        *_table("country", comparison.countries),
        "",
        *(_table("gateways that lose", losing) if len(losing) else ()),
        *(["", *_table("gateways that gain", gaining)] if len(gaining) else ()),
        "",
        report["reading"],
    ]
    if draws := report["draws"]:
        lines += _draws_lines(draws)
    return lines


def _draws_lines(draws: Mapping[str, Any]) -> list[str]:
    """What is printed of paired draws."""
    from routes.studies.comparison.paired_draws import LEAST_DRAWS

    count, cut_off = draws["draws"], draws["cut_off"]
    if count - cut_off < LEAST_DRAWS:
        return [f"No intervals: of {count} paired draws {cut_off} were cut off."]
    lines = [f"Intervals: 5-95% of {count} paired draws of seed {draws['seed']}; sign: in how many "
             "of them the change has it."]  # fmt: skip
    return [*lines, f"{cut_off} of them are left out: a search was cut off."] if cut_off else lines


def _differing(report: Mapping[str, Any]) -> str:
    """The keys in which the results differ: their titles may be alike."""
    from routes.phrases import listed

    return f"they differ in {listed(report['differs_in'])}" if report["differs_in"] else "alike"


def _books_line(books: Mapping[str, float]) -> str:
    return (
        f"{books['lost']:.1%} of flow leaves its ways: {books['gained']:.1%} arrives on others, "
        f"{books['deterred']:.1%} is deterred. The least cost, {books['cost']:.2f} risk-adjusted "
        f"hours, rises by {books['cost_added']:.2f}."
    )


def _table(title: str, frame: gpd.GeoDataFrame) -> list[str]:
    """Things with what passes before and after."""
    sure = "sign_share" in frame
    header = [title, "before", "after", "change", "hours added", "deterred",
              *(["5-95%", "sign"] if sure else [])]  # fmt: skip
    rows = []
    for row in frame.drop(columns="geometry").to_dict("records"):
        cells = [row["name"], f"{row['base']:.1%}", f"{row['other']:.1%}", f"{row['change']:+.1%}",
                 _number(row["cost_added"], ".2f"), f"{row['deterred']:.1%}"]  # fmt: skip
        if sure:
            interval = f"{row['change_low']:+.1%} to {row['change_high']:+.1%}"
            cells += [interval, _number(row["sign_share"], ".0%")]
        rows.append(cells)
    return table(header, rows)


def _number(value: float, form: str) -> str:
    return "-" if value != value else f"{value:{form}}"


def _publish(
    report: Mapping[str, Any], comparison: Comparison, output: Path, *, overwrite: bool
) -> None:
    """Write a comparison as files."""
    from geodata.publication.comparisons import publish_comparison

    books = report["books"]
    subtitle = (
        f"Change of usage beside: {report['base']['title']}; {_differing(report)}. "
        f"{_books_line(books)} "
        f"Elasticity {report['elasticity']:g}. Vereda {report['vereda']}."
    )
    publish_comparison(
        comparison, report, output, title=report["other"]["title"], subtitle=subtitle,
        overwrite=overwrite,
    )  # fmt: skip
