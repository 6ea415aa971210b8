"""How much of a flow passes each thing, on a few arcs of a small network."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from routes.corridors.choice.family_choice import FamilyChoice
from routes.corridors.corridor import Corridor
from routes.corridors.loading import ArcUsage, Demand, Flow, LoadedDemand
from routes.router import Router
from routes.scenario.costs.draws import Uncertainty
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.studies.comparison.paired_draws import SharedDraws, paired_changes
from routes.studies.comparison.passage import LEVELS, Passage
from routes.studies.ensemble import draw_of

WEIBIT = FamilyChoice(model="weibit", theta=8.0)


def answered(strip):
    """A flow by two ways, one of which is not spread over the links."""
    flow = Flow(arcs=Router(strip).arcs, links=len(strip.links))
    paths = [np.array([0, 1], np.int32), np.array([2, 2, 5], np.int32)]
    corridors = [
        Corridor(gateways=(), origin="a", destination="b", usage=usage, cost=1.0, slack=0.0,
                 path=path)
        for usage, path in zip((0.9, 0.1), paths, strict=True)
    ]  # fmt: skip
    flow.add(
        LoadedDemand(
            demand=Demand(origin="a", destinations={0: "b"}, share=1.0, choice=WEIBIT),
            best=1.0, cut=False, corridors=corridors, links=np.empty(0, np.int32),
            slack=np.empty(0), arcs={0: paths[0]}, usage={0: np.full(2, 0.9)},
            beside=ArcUsage.along(corridors[1:]),
        )
    )  # fmt: skip
    return flow


def test_what_is_not_spread_is_on_its_best_path_where_the_choice_is_free_of_scale(strip):
    flow = answered(strip)
    assert Passage.of(strip, flow).usage("segments") == pytest.approx(flow.link)


def unanswered(network, *ends):
    """A flow of which no search came to an end, by the destinations of each demand."""
    demands = [
        Demand(origin="a", destinations=dict(enumerate(names)), share=1 / len(ends), choice=WEIBIT)
        for names in ends
    ]
    none = [0] * len(ends)
    return Flow(arcs=Router(network).arcs, links=len(network.links), demands=demands,
                begins=none, best=[1.0] * len(ends))  # fmt: skip


def test_groups_of_destinations_are_told_apart(strip):
    passage = Passage.of(strip, unanswered(strip, "xy", "z", "xyz"))
    assert passage.destination == ["x; y", "z", ""]
    assert Passage.of(strip, unanswered(strip, "x", "x")).destination == ["x", "x"]
    assert passage.unknown.all()


def test_draws_vary_the_dispersion_and_those_cut_off_are_counted(strip):
    thetas: list[float] = []

    def flow(scenario, **_):
        thetas.append(scenario.profile.theta)
        return unanswered(strip, "x"), None

    router = SimpleNamespace(
        network=strip, threads=1, prepare=lambda: None, cost=lambda draw: None, flow=flow
    )
    profile = load_profile("migrants-north")
    weibit = Scenario(
        profile=profile.__class__(**{**vars(profile), "model": "weibit", "theta": 8.0})
    )
    draws = SharedDraws(count=2, seed=3, spread=Uncertainty())
    none = {level: np.empty(0, np.int64) for level in LEVELS}
    paired = paired_changes(router, weibit, [weibit], draws, rows=[none], elasticity=0.0)
    drawn = [draw_of(router, weibit, draws.spread, seed=3, number=n).profile.theta for n in (0, 1)]
    assert thetas == [drawn[0], drawn[0], drawn[1], drawn[1]] and drawn[0] != drawn[1]
    assert paired.cut_off == 2 and paired.others == [{level: [] for level in LEVELS}]
    # One draw alone has no interval.
    router.flow = lambda scenario, **_: (flows.pop(), None)
    for answers, kept in ((2, 2), (1, 0)):
        flows = [answered(strip) for _ in range(2 * answers)]
        flows = [*(unanswered(strip, "b") for _ in range(4 - len(flows))), *flows]
        paired = paired_changes(router, weibit, [weibit], draws, rows=[none], elasticity=0.0)
        assert paired.cut_off == 2 - answers
        assert {len(values) for values in paired.others[0].values()} == {kept}
    assert "theta" in draws.record(profile, weibit.profile)
    assert "theta" not in draws.record(profile)
