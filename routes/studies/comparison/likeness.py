"""Likeness: which results can be compared, and which draws they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from geodata.errors import DataError
from geodata.network.header import VERSION
from routes.phrases import listed
from routes.scenario.costs.draws import Uncertainty
from routes.scenario.keys.fields import SEED
from routes.studies.comparison.paired_draws import SharedDraws
from routes.studies.ensemble import check_draws

Record = Mapping[str, Any]

_OF_FLOW = ("origins", "destinations", "pairs", "shares")
"""What makes a flow the same, so that what leaves one place can arrive at another."""
_OF_DRAWS = ("seed", *(each.name for each in fields(Uncertainty)))
_TITLES = ("profile", "title", "sources")
"""What decides no result."""


def differences(base: Record, other: Record) -> list[str]:
    """Keys of the scenarios of two results that differ, but for names and sources."""
    one, two = base["scenario"], other["scenario"]
    return [key for key in sorted({*one, *two}) if key not in _TITLES
            and one.get(key) != two.get(key)]  # fmt: skip


def require_alike(base: Record, other: Record, *, name: str) -> None:
    """Refuse results that are not of one network, version and flow.

    Parameters
    ----------
    base, other
        What ``result.json`` of each says.
    name
        Of the other.

    Raises
    ------
    DataError
        Naming what differs.
    """
    apart = [key for key in ("network", "vereda") if base.get(key) != other.get(key)]
    apart += [key for key in differences(base, other) if key in _OF_FLOW]
    if apart:
        remedy = (
            f"It differs from the base in {listed(apart)}: compare results of one network, version "
            "and flow, which differ in what is closed, strengthened, passed, or in costs."
        )
        raise DataError("other", name, remedy)


def require_version(record: Record, *, name: str) -> None:
    """Refuse a result of another version, which this one might compute otherwise.

    Raises
    ------
    DataError
        When it is of another.
    """
    if record.get("vereda") != VERSION:
        remedy = (
            f"It is of version {record.get('vereda')}, this is {VERSION}: compute it again: "
            "vereda corridors --output DIR --overwrite."
        )
        raise DataError("result", name, remedy)


def shared_draws(records: Sequence[Record], *, count: int | None = None) -> SharedDraws:
    """The draws that all of some results have.

    Parameters
    ----------
    count
        So many instead, of the seed of the first that has draws, whatever the others have.

    Raises
    ------
    InputError
        When `count` is 1, which gives no interval.
    DataError
        When the draws of results follow from different seeds or spreads, and `count` is None.
    """
    made = [record["ensemble"] for record in records if record.get("ensemble")]
    first: dict[str, Any] = {}
    for each in made:
        # A key that is read by the draws of one choice alone is not a difference.
        apart = [key for key in _OF_DRAWS if key in each and first.get(key, each[key]) != each[key]]
        if apart and count is None:
            remedy = (
                f"Its draws differ from those before in {listed(apart)}, and cannot be paired: "
                "compute them with one seed, or add --draws N to make N, or none with 0."
            )
            raise DataError("draws", each[apart[0]], remedy)
        first = {**each, **first}
    if count:
        check_draws(count)
    fewest = min((each["draws"] for each in made), default=0) if len(made) == len(records) else 0
    spread = {each.name: first[each.name] for each in fields(Uncertainty) if each.name in first}
    return SharedDraws(
        count=fewest if count is None else count,
        seed=first.get("seed", SEED.default),
        spread=Uncertainty(**spread),
    )
