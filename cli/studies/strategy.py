"""``vereda strategy``: what actors achieve alone and together, and whom they burden."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options.examples import show_examples
from cli.options.outputs import check_directory
from cli.shell.console import Session, table

if TYPE_CHECKING:
    import pandas as pd

    from cli.options.flow_file import FlowFile
    from geodata.network.network import Network
    from routes.studies.coordination.coordination import Coordination
    from routes.studies.coordination.strategy_form import Strategy

LEAST_KM = 0.05
"""Grounds whose flow-kilometres no coalition moves by more are not printed."""
LEAST_SHARE = 0.005
"""Shares of a gain that are smaller are not printed."""


@click.command("strategy")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--network", type=click.Path(path_type=Path), default=Path("network"),
              show_default=True, help="Network of a file that names none.")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path), default=None,
              help="Directory for tables, layers and the record.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a strategy that is there.")
@click.pass_obj
@show_examples("strategy")
def strategy_command(
    session: Session, /, *, file: Path, network: Path, output: Path | None, overwrite: bool
) -> None:
    """Say what actors achieve alone and together, and where what they shift arrives.

    FILE has the keys of a scenario and a list of actors, each with a country and measures: close,
    avoid, strengthen. Every coalition is computed: what each gains or loses by the others' acting,
    where what it is relieved of arrives, and the Shapley value of its measures. At most 6 actors.
    """
    from cli.options.flow_file import FlowFile
    from geodata.network.store import load_network
    from geodata.publication.strategies import STRATEGY
    from routes.router import Router
    from routes.studies.coordination.coordination import coordinate

    check_directory(output, STRATEGY, [file], overwrite=overwrite)
    source = FlowFile(file, field="strategy")
    strategy, near = _read(source, network)
    session.progress("reading the network")
    loaded = load_network(near)
    with source.located():
        answer = coordinate(Router(loaded), strategy, progress=session.progress)
    record = {**_provenance(loaded), **answer.record()}
    session.show(record, list(_lines(answer)))
    if output is not None:
        session.progress(f"writing {output}")
        _write(answer, record, output, overwrite=overwrite)
        session.say(f"Strategy written to {output}.")


def _read(source: FlowFile, network: Path) -> tuple[Strategy, Path]:
    """The strategy of a file, and the directory of its network.

    Raises
    ------
    DataError
        Telling file, line and key of what is wrong.
    """
    from geodata.entries.forms import read_form
    from routes.studies.coordination.strategy_form import StrategyForm

    tables = source.tables
    with source.located():
        form = read_form(StrategyForm, tables)
        strategy = form.strategy(
            name=source.path.stem, read_profile=source.profile, read_ends=source.ends
        )
    return strategy, source.near(form.network) if form.network else network


def _provenance(network: Network) -> dict[str, Any]:
    """What the answer was computed by, and from what."""
    from geodata.network.credit import shown_sources
    from geodata.network.header import VERSION
    from routes.results.provenance import INPUT

    inputs = [{key: source[key] for key in INPUT} for source in shown_sources(network)]
    return {"vereda": VERSION, "network": network.digest, "inputs": inputs}


def _write(answer: Coordination, record: dict[str, Any], output: Path, *, overwrite: bool) -> None:
    """Write a strategy as files."""
    from geodata.publication.strategies import write_strategy

    write_strategy(answer.tables.frames(), answer.changes, record, output, overwrite=overwrite)


def _lines(answer: Coordination) -> Iterable[str]:
    """What is printed of a strategy, elasticity by elasticity."""
    strategy = answer.strategy
    yield f"{strategy.name}: {strategy.scenario.profile.title}."
    for elasticity in strategy.elasticities:
        own = {name: frame[frame["elasticity"] == elasticity]
               for name, frame in answer.tables.frames().items()}  # fmt: skip
        yield from ("", f"Elasticity {elasticity:g}", "")
        yield from _coalition_table(own["coalitions"], own["burdens"])
        for actor in strategy.actors:
            if actor.country:
                yield from ("", *_displaced_lines(actor.name, actor.country, own))
        yield from ("", *_together_lines(own["shapley"]))
    if strategy.draws:
        made = strategy.draws - answer.cut_off
        yield from ("", f"Intervals: {made} paired draws of seed {strategy.seed}, in the files.")


def _coalition_table(coalitions: pd.DataFrame, burdens: pd.DataFrame) -> list[str]:
    """Each coalition: cost, what is deterred, and the change of flow-kilometres by ground."""
    km = burdens[burdens["measure"] == "km"]
    moved = km.pivot_table("change", "coalition", "ground", sort=False)
    moved = moved.loc[:, (moved.abs() >= LEAST_KM).any()]
    header = ["acting", "hours added", "deterred", *(f"km {ground}" for ground in moved)]
    rows = [
        [row["coalition"], f"{row['cost_added']:.2f}", f"{row['deterred']:.1%}",
         *(f"{change:+.1f}" for change in changes)]
        for row, changes in zip(coalitions.to_dict("records"), moved.to_numpy(), strict=True)
    ]  # fmt: skip
    return table(header, rows)


def _displaced_lines(actor: str, country: str, own: dict[str, pd.DataFrame]) -> Iterable[str]:
    """Where what one actor is relieved of by acting alone arrives, and what the others do to it."""
    from routes.phrases import listed

    displaced = own["displaced"].query("actor == @actor and measure == 'km'")
    (spilled,) = own["spillovers"].query("actor == @actor and measure == 'km'").itertuples()
    gain = float(displaced["gain"].iloc[0])
    if gain >= LEAST_KM:
        moved = displaced[displaced["share"].abs() >= LEAST_SHARE].sort_values("share")[::-1]
        parts = [_part(row["ground"], row["share"], country) for row in moved.to_dict("records")]
        yield (
            f"{actor} alone relieves districts of {country} of {gain:.1f} km of flow on the mean "
            f"way; of that {listed(parts)}."
        )
    else:
        yield f"{actor} alone relieves no district of {country}."
    yield (
        f"In all, {country} bears {spilled.alone:+.1f} km when {actor} acts alone, "
        f"{spilled.by_others:+.1f} when the others act without it, {spilled.together:+.1f} when "
        "all act."
    )


def _part(ground: str, share: float, country: str) -> str:
    """A part of a gain, as a sentence goes on about it."""
    size = f"{abs(share):.0%}"
    if ground == "deterred":
        return f"{size} is deterred"
    if ground == "longer":
        return f"{size} is saved on shorter ways" if share > 0 else f"{size} are detours on top"
    place = {"sea": "at sea", country: "in its other districts"}.get(ground, f"in {ground}")
    return f"{size} arrives {place}" if share > 0 else f"{size} more is relieved {place}"


def _together_lines(shapley: pd.DataFrame) -> list[str]:
    """What all achieve together, and whose share of it is how large."""
    from routes.phrases import listed

    cost = shapley[shapley["measure"] == "cost_added"]
    all_of_it = cost.iloc[0]
    shares = [f"{row.actor} {row.value:.2f}" for row in cost.itertuples()]
    return [
        f"Together they add {all_of_it['together']:.2f} hours; each alone would add up to "
        f"{all_of_it['parts']:.2f}, so that acting together adds {all_of_it['added']:+.2f}.",
        f"Shapley values of hours added: {listed(shares)}.",
    ]
