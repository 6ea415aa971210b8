"""Coordination: every coalition of some actors on one flow, and what each gains by the others.

1. Each coalition is a scenario: the flow under the measures of its members.
2. Its quantities, beside nobody acting: cost added, flow deterred, and the burden of each ground.
3. What an actor is relieved by acting alone is set against what other grounds bear more.
4. Shapley values share out what all achieve together (`routes.studies.coordination.shapley`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from geodata.arrays import Float64Array
from geodata.computing.tasks import Check, in_order, unhindered
from geodata.errors import NoPathError
from routes.router import Router
from routes.scenario.costs.draws import Uncertainty
from routes.scenario.scenario import Scenario
from routes.studies.comparison.comparison import Comparison, compared
from routes.studies.comparison.displacement import Displacement, check_books
from routes.studies.comparison.paired_draws import LEAST_DRAWS, SharedDraws
from routes.studies.comparison.passage import imbalance
from routes.studies.coordination.actors import Actor, acting, coalitions_of, label
from routes.studies.coordination.burden import Burden, Grounds, measure
from routes.studies.coordination.strategy_form import Strategy, check_grounds
from routes.studies.coordination.tables import Answers, Tables, tables_of
from routes.studies.ensemble import Progress, draw_of, drawn_flow

READING = (
    "Usage is a share of the modelled flow of the base, not a probability of trafficking. "
    "Kilometres of flow add up: what one ground is relieved of arrives on others or is deterred, "
    "and detours come on top, so that shares of a gain may come to more than all of it."
)


@dataclass(frozen=True, kw_only=True, repr=False)
class Coordination:
    """What the coalitions of a strategy achieve.

    Parameters
    ----------
    strategy
        The question.
    tables
        The answer, as tables.
    changes
        Beside nobody acting, each other coalition by name, at the first elasticity.
    cut_off
        Draws that are left out, because a search was cut off in one of the coalitions.
    """

    strategy: Strategy
    tables: Tables
    changes: dict[str, Comparison]
    cut_off: int

    def record(self) -> dict[str, Any]:
        """Question and answer as JSON."""
        tables = {name: frame.to_dict("records") for name, frame in self.tables.frames().items()}
        return {
            "strategy": self.strategy.record(), "cut_off": self.cut_off, **tables,
            "reading": READING,
        }  # fmt: skip


def coordinate(
    router: Router,
    strategy: Strategy,
    *,
    progress: Progress = lambda _: None,
    check: Check = unhindered,
) -> Coordination:
    """Compute every coalition of a strategy.

    Parameters
    ----------
    router, strategy
        The network and the question.
    progress
        Called with a line for people before each coalition.
    check
        Function called every few milliseconds; an exception that it raises ends the work.

    Raises
    ------
    InputError
        When a name stands for nothing on the network.
    DataError
        When measures close where flow begins, or books do not balance.
    NoPathError
        When measures leave an origin no path.

    Examples
    --------
    >>> from routes import Router, Scenario, close, load_network, load_profile
    >>> from routes.studies.coordination import Actor, Strategy, coordinate
    >>> network = load_network("network")
    >>> crossing, country = network.gateways["id"].iloc[0], network.admin["country"].iloc[0]
    >>> one = Actor(name="Customs", country=country, edits=(close(crossing),))
    >>> scenario = Scenario(profile=load_profile("contraband-west"))
    >>> strategy = Strategy(name="a crossing", scenario=scenario, actors=(one,))
    >>> answer = coordinate(Router(network), strategy)
    >>> answer.tables.coalitions["coalition"].tolist()
    ['nobody', 'Customs']
    """
    grounds = Grounds.of(router.network)
    check_grounds(strategy, grounds.countries)
    coalitions = coalitions_of(strategy.actors)
    router.check(acting(strategy.scenario, coalitions[-1]), check=check)
    burdens, off = list[Burden](), list[float]()
    for number, coalition in enumerate(coalitions):
        progress(f"computing {label(coalition)}, {number + 1} of {len(coalitions)}")
        burden, imbalanced = _burden(router, grounds, strategy.scenario, coalition, check)
        burdens.append(burden)
        off.append(imbalanced)
    answers, changes = _answers(router, grounds, strategy, burdens, off)
    drawn, cut_off = _drawn(router, grounds, strategy, progress=progress, check=check)
    return Coordination(
        strategy=strategy, tables=tables_of(answers, drawn), changes=changes, cut_off=cut_off
    )


def _burden(
    router: Router,
    grounds: Grounds,
    scenario: Scenario,
    coalition: tuple[Actor, ...],
    check: Check,
) -> tuple[Burden, float]:
    """What the flow lays on whom under a coalition, and by how much its nodes are off."""
    under = acting(scenario, coalition)
    try:
        flow, _ = router.flow(under, check=check)
    except NoPathError as error:
        remedy = f"While {label(coalition)} acts: {error.remedy}"
        raise NoPathError(error.field, error.value, remedy) from error
    ends = [end.nodes for side in router.ends(under, check=check) for end in side]
    return Burden.of(grounds, flow), imbalance(router.network, flow, np.concatenate(ends))


def _answers(
    router: Router,
    grounds: Grounds,
    strategy: Strategy,
    burdens: list[Burden],
    off: list[float],
) -> tuple[Answers, dict[str, Comparison]]:
    """Quantities of each coalition, checked, and changes at the first elasticity."""
    names = [label(each) for each in coalitions_of(strategy.actors)]
    base, changes, books = burdens[0], dict[str, Comparison](), []
    for elasticity in strategy.elasticities:
        for name, burden, wrong in zip(names, burdens, off, strict=True):
            move = Displacement(base=base.passage, other=burden.passage, elasticity=elasticity)
            books.append(check_books(move, name=name, off=max(off[0], wrong)))
            if burden is not base and elasticity == strategy.elasticities[0]:
                changes[name] = compared(router.network, move, books[-1])
    answers = Answers(
        actors=strategy.actors, elasticities=strategy.elasticities,
        quantities=grounds.quantities, grounds=grounds.every,
        values=_values(grounds, strategy, burdens), books=books,
    )  # fmt: skip
    return answers, changes


def _values(grounds: Grounds, strategy: Strategy, burdens: list[Burden]) -> Float64Array:
    """Quantities, shape (elasticities, coalitions, quantities)."""
    names = [label(each) for each in coalitions_of(strategy.actors)]
    return np.array(
        [
            [
                measure(grounds, burdens[0], burden, elasticity=elasticity, name=name)
                for name, burden in zip(names, burdens, strict=True)
            ]
            for elasticity in strategy.elasticities
        ]
    )


def _drawn(
    router: Router, grounds: Grounds, strategy: Strategy, *, progress: Progress, check: Check
) -> tuple[Float64Array | None, int]:
    """Quantities by draw, each draw one of all coalitions; and how many draws are left out."""
    if not strategy.draws:
        return None, 0
    router.prepare()
    draws = SharedDraws(count=strategy.draws, seed=strategy.seed, spread=Uncertainty())
    scenarios = [acting(strategy.scenario, each) for each in coalitions_of(strategy.actors)]

    def burdens(number: int) -> Iterator[Burden]:
        for scenario in scenarios:
            draw = draw_of(router, scenario, draws.spread, seed=draws.seed, number=number)
            yield Burden.of(grounds, drawn_flow(router, scenario, draw, check=check))

    def values(number: int) -> Float64Array | None:
        every = list(burdens(number))
        if any(each.passage.unknown.any() for each in every):
            return None
        return _values(grounds, strategy, every)

    known = list[Float64Array]()
    for number, drawn in enumerate(in_order(values, range(draws.count), threads=router.threads)):
        if drawn is not None:
            known.append(drawn)
        progress(f"draw {number + 1} of {draws.count}")
    return np.array(known) if len(known) >= LEAST_DRAWS else None, draws.count - len(known)
