"""Actors of a strategy, and the coalitions that they may form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from routes.scenario.edits import Edit
from routes.scenario.scenario import Scenario

MOST_ACTORS = 6
"""Every coalition is computed: 64 of six actors, and twice as many with each further one."""
NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A country or an agency, and the measures that it may take.

    Parameters
    ----------
    name
        Name of the actor, unique in its strategy.
    edits
        Its measures.
    country
        Code of the country whose ground it answers for; empty for an agency without ground.
    """

    name: str
    edits: tuple[Edit, ...]
    country: str = ""


def coalitions_of(actors: Sequence[Actor]) -> list[tuple[Actor, ...]]:
    """Every coalition, by the bits of its number: nobody first, all together last.

    Examples
    --------
    >>> from routes.studies.coordination.actors import Actor, coalitions_of
    >>> two = [Actor(name="a", edits=()), Actor(name="b", edits=())]
    >>> [[actor.name for actor in each] for each in coalitions_of(two)]
    [[], ['a'], ['b'], ['a', 'b']]
    """
    return [
        tuple(actor for place, actor in enumerate(actors) if number >> place & 1)
        for number in range(2 ** len(actors))
    ]


def label(coalition: Sequence[Actor]) -> str:
    """What a coalition is called."""
    return " + ".join(actor.name for actor in coalition) or NOBODY


def acting(scenario: Scenario, coalition: Sequence[Actor]) -> Scenario:
    """A scenario under the measures of a coalition, beside its own edits."""
    edits = tuple(edit for actor in coalition for edit in actor.edits)
    return replace(scenario, edits=(*scenario.edits, *edits))
