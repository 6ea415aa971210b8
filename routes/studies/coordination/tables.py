"""Tables of a strategy: coalitions, burdens, displaced gains, spillovers and Shapley values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from geodata.arrays import Float64Array
from geodata.errors import DataError
from routes.studies.comparison.displacement import Books
from routes.studies.comparison.paired_draws import certainty
from routes.studies.comparison.passage import TOLERANCE
from routes.studies.coordination.actors import Actor, coalitions_of, label
from routes.studies.coordination.burden import (
    BURDENS,
    COST_ADDED,
    DETERRED,
    DETERRED_KM,
    KM,
    LONGER,
    RELIEVED,
    RETURNED,
    Quantity,
)
from routes.studies.coordination.shapley import shapley_values

LEAST_GAIN = 1e-6
"""Less is no gain, so that nothing of it can be displaced."""
Rows = list[dict[str, Any]]
Reckoning = Callable[[Float64Array], Float64Array]
"""Numbers of the rows of a table, (..., rows), from quantities, (..., coalitions, quantities)."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Quantities of every coalition.

    Parameters
    ----------
    actors, elasticities, quantities, grounds
        What the axes of `values` are, and where flow passes.
    values
        Shape (elasticities, coalitions, quantities).
    books
        Of each coalition, elasticity by elasticity.
    """

    actors: Sequence[Actor]
    elasticities: Sequence[float]
    quantities: Sequence[Quantity]
    grounds: Sequence[str]
    values: Float64Array
    books: Sequence[Books]

    def column(self, measure: str, ground: str = "") -> int:
        """Place of a quantity."""
        return list(self.quantities).index(Quantity(measure, ground))

    def has(self, measure: str, ground: str) -> bool:
        """Whether a quantity is measured on a ground."""
        return Quantity(measure, ground) in self.quantities


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The tables of a strategy; with draws also means, 5-95 % intervals and shares of signs.

    Parameters
    ----------
    coalitions
        ``coalition elasticity cost cost_added deterred lost gained difference``.
    burdens
        ``coalition elasticity measure ground value change``: what each ground bears.
    displaced
        ``actor country elasticity measure ground gain moved share``: where what an actor is
        relieved of by acting alone arrives. Of kilometres, `gain` is what those of its districts
        lose that lose, and `moved` of all rows sums to it: its other districts under its own
        country, other grounds, what is deterred, and ``longer``, below zero where ways grow.
    spillovers
        ``actor country elasticity measure alone by_others together``: change of an actor's own
        burden when it acts alone, when all others act, and when all act.
    shapley
        ``elasticity measure ground actor alone value together parts added``: share of each actor
        in what all achieve, and what that is beyond the sum of what each achieves alone.
    """

    coalitions: pd.DataFrame
    burdens: pd.DataFrame
    displaced: pd.DataFrame
    spillovers: pd.DataFrame
    shapley: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """The tables by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def tables_of(answers: Answers, drawn: Float64Array | None = None) -> Tables:
    """The tables of some answers.

    Parameters
    ----------
    drawn
        Quantities by draw, with an axis of draws before those of `Answers.values`.

    Raises
    ------
    DataError
        When a book does not balance.
    """
    parts = {"coalitions": _coalitions, "burdens": _burdens, "displaced": _displaced,
             "spillovers": _spillovers, "shapley": _shapley}  # fmt: skip
    frames: dict[str, list[pd.DataFrame]] = {name: [] for name in parts}
    for place, elasticity in enumerate(answers.elasticities):
        draws = None if drawn is None else drawn[:, place]
        for name, part in parts.items():
            frame = part(answers, place, draws)
            at = 0 if name == "shapley" else len(frame.columns[:1])
            frame.insert(at, "elasticity", elasticity)
            frames[name].append(frame)
    return Tables(**{name: pd.concat(each, ignore_index=True) for name, each in frames.items()})


def _with_draws(
    frame: pd.DataFrame, name: str, reckon: Reckoning, draws: Float64Array | None
) -> pd.DataFrame:
    """A table with the interval of one of its columns."""
    if draws is None:
        return frame
    sure = certainty(frame[name].to_numpy(float), list(reckon(draws)))
    return frame.join(sure.rename(columns=lambda column: column.replace("change", name)))


def _coalitions(answers: Answers, place: int, draws: Float64Array | None) -> pd.DataFrame:
    names = [label(each) for each in coalitions_of(answers.actors)]
    books = answers.books[place * len(names) : (place + 1) * len(names)]
    frame = pd.DataFrame([{"coalition": name, **book.record()}
                          for name, book in zip(names, books, strict=True)])  # fmt: skip
    added = answers.column(COST_ADDED)
    return _with_draws(frame, COST_ADDED, lambda values: values[..., added], draws)


def _burdens(answers: Answers, place: int, draws: Float64Array | None) -> pd.DataFrame:
    columns = [n for n, each in enumerate(answers.quantities) if each.measure in BURDENS]
    names = [label(each) for each in coalitions_of(answers.actors)]
    values = answers.values[place]
    frame = pd.DataFrame(
        [
            {"coalition": name, "measure": answers.quantities[n].measure,
             "ground": answers.quantities[n].ground, "value": values[row, n],
             "change": values[row, n] - values[0, n]}
            for row, name in enumerate(names) for n in columns
        ]
    )  # fmt: skip

    def reckon(drawn: Float64Array) -> Float64Array:
        moved = (drawn - drawn[..., :1, :])[..., columns]
        return moved.reshape(*moved.shape[:-2], -1)

    return _with_draws(frame, "change", reckon, draws)


def _displaced(answers: Answers, place: int, draws: Float64Array | None) -> pd.DataFrame:
    moves = [
        (number, actor, *move)
        for number, actor in enumerate(answers.actors)
        for measure in (BURDENS if actor.country else ())
        for move in _moves(answers, actor.country, measure)
    ]
    coalition = np.array([1 << number for number, *_ in moves], int)
    column = np.array([move.column for *_, move in moves], int)
    sign = np.array([move.sign for *_, move in moves], float)
    change = answers.values[place] - answers.values[place, :1]

    def reckon(values: Float64Array) -> Float64Array:
        beside = values - values[..., :1, :]
        return np.asarray(sign * beside[..., coalition, column])

    frame = pd.DataFrame(
        [
            {"actor": actor.name, "country": actor.country, "measure": measure,
             "ground": move.ground, "gain": _gain(answers, change[1 << number], actor, measure)}
            for number, actor, measure, move in moves
        ],
        columns=["actor", "country", "measure", "ground", "gain"],
    )  # fmt: skip
    frame["moved"] = reckon(answers.values[place])
    gain = frame["gain"].astype(float)
    frame["share"] = (frame["moved"] / gain).where(gain > LEAST_GAIN)
    _check_displaced(frame)
    return _with_draws(frame, "moved", reckon, draws)


class _Move(NamedTuple):
    """Where a gain may go: a ground, its column, and whether that counts up or down."""

    ground: str
    column: int
    sign: int


def _gain(answers: Answers, change: Float64Array, actor: Actor, measure: str) -> float:
    """What an actor is relieved of: of kilometres, its districts that are; else its country."""
    if measure == KM:
        return float(change[answers.column(RELIEVED, actor.country)])
    return -float(change[answers.column(measure, actor.country)])


def _moves(answers: Answers, country: str, measure: str) -> list[tuple[str, _Move]]:
    """Where a gain of a country may go."""
    moves = [
        _Move(ground, answers.column(measure, ground), 1)
        for ground in answers.grounds
        if ground != country and answers.has(measure, ground)
    ]
    if measure == KM:
        moves = [
            _Move(country, answers.column(RETURNED, country), 1), *moves,
            _Move(DETERRED, answers.column(DETERRED_KM), 1),
            _Move(LONGER, answers.column(LONGER), -1),
        ]  # fmt: skip
    return [(measure, move) for move in moves]


def _check_displaced(frame: pd.DataFrame) -> None:
    """Refuse kilometres that leave a ground and arrive nowhere."""
    of_km = frame[frame["measure"] == KM].groupby("actor")
    off = (of_km["gain"].first() - of_km["moved"].sum()).abs()
    scale = 1 + of_km["gain"].first().abs()
    _require_balance(float((off / scale).max()) if len(off) else 0.0, "displaced")


def _require_balance(off: float, table: str) -> None:
    if off > TOLERANCE:
        remedy = f"Its books are off by {off:.1e}: this is a fault of Vereda, report it."
        raise DataError("strategy", table, remedy)


def _spillovers(answers: Answers, place: int, draws: Float64Array | None) -> pd.DataFrame:
    every = 2 ** len(answers.actors) - 1
    rows, picks = list[dict[str, Any]](), list[tuple[int, int]]()
    change = answers.values[place] - answers.values[place, :1]
    for number, actor in enumerate(answers.actors):
        for measure in BURDENS if actor.country else ():
            own, others = answers.column(measure, actor.country), every & ~(1 << number)
            rows.append({
                "actor": actor.name, "country": actor.country, "measure": measure,
                "alone": change[1 << number, own], "by_others": change[others, own],
                "together": change[every, own],
            })  # fmt: skip
            picks.append((others, own))
    columns = ["actor", "country", "measure", "alone", "by_others", "together"]
    coalition, column = np.array(picks, int).reshape(-1, 2).T

    def reckon(values: Float64Array) -> Float64Array:
        return np.asarray((values - values[..., :1, :])[..., coalition, column])

    return _with_draws(pd.DataFrame(rows, columns=columns), "by_others", reckon, draws)


def _shapley(answers: Answers, place: int, draws: Float64Array | None) -> pd.DataFrame:
    change = answers.values[place] - answers.values[place, :1]
    shares, together = shapley_values(change), change[-1]
    _require_balance(
        float((np.abs(shares.sum(axis=0) - together) / (1 + np.abs(together))).max()), "shapley"
    )
    alone = change[[1 << number for number in range(len(answers.actors))]]
    parts = alone.sum(axis=0)
    frame = pd.DataFrame(
        [
            {"measure": quantity.measure, "ground": quantity.ground, "actor": actor.name,
             "alone": alone[number, n], "value": shares[number, n], "together": together[n],
             "parts": parts[n], "added": together[n] - parts[n]}
            for n, quantity in enumerate(answers.quantities)
            for number, actor in enumerate(answers.actors)
        ]
    )  # fmt: skip

    def reckon(values: Float64Array) -> Float64Array:
        valued = np.swapaxes(shapley_values(values), -1, -2)
        return valued.reshape(*valued.shape[:-2], -1)

    return _with_draws(frame, "value", reckon, draws)
