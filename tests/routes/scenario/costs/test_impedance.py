"""What links cost, for a profile and for draws of one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geodata.area.study_area import StudyArea
from geodata.errors import InputError
from routes.router import Router
from routes.scenario.costs.draws import Draw, Uncertainty, draw_inputs, factors_of, smooth_noise
from routes.scenario.costs.impedance import _pairs
from routes.scenario.profiles import load_profile, profile_names
from routes.search.network_arcs import arc_hours, at_nodes

STILL = Uncertainty(concentration=1e9, weights=0, rates=0, fees=0, speeds=0, links=0, scores=0)


@pytest.fixture(scope="module")
def router(network):
    return Router(network)


def expected(router, draw) -> np.ndarray:
    """The formula of `routes.scenario.costs.impedance`, term by term, less factors of links."""
    network, arcs, flow = router.network, router.arcs, draw.profile
    links = network.links
    presence = np.ones(len(links))
    for score in ("remoteness", "weakness"):
        noise = at_nodes(network, draw.noise[score])[links["u"]] if draw.noise else 0.0
        presence += flow.weights[score] * (1 - np.clip(links[score].to_numpy(float) + noise, 0, 1))
    mode, kind = links["mode"].astype(str), links["class"].astype(str)
    rate = mode.map(lambda name: flow.rates.get(name, np.inf)).to_numpy(float)
    pace = kind.map(lambda name: draw.pace.get(name, 1.0)).to_numpy(float)
    fee = links["crossing"].astype(str).map({**flow.fees, "": 0.0}).to_numpy(float)
    fee = fee + np.where(mode == "transfer", kind.map(lambda name: flow.fees.get(name, 0.0)), 0.0)
    return arc_hours(network, arcs) * (rate * pace * presence)[arcs.link] + fee[arcs.link]


@pytest.mark.parametrize("name", profile_names())
def test_costs_follow_the_formula(router, name):
    profile = load_profile(name)
    np.testing.assert_allclose(
        router.cost(profile), expected(router, Draw(profile=profile)), rtol=1e-5
    )


def test_a_draw_follows_the_same_formula(router, network):
    draw = draw_inputs(network, load_profile("cocaine-north"), Uncertainty(links=0), seed=7)
    np.testing.assert_allclose(router.cost(draw), expected(router, draw), rtol=1e-5)


def test_a_draw_without_uncertainty_is_the_model_itself(router, network):
    profile = load_profile("migrants-north")
    draw = draw_inputs(network, profile, STILL, seed=1)
    np.testing.assert_allclose(router.cost(draw), router.cost(profile), rtol=1e-4)


def test_a_dispersion_free_of_scale_is_drawn_and_one_per_hour_is_not(network):
    logit, seeds = load_profile("cocaine-north"), (0, 1)
    weibit = replace(logit, model="weibit", theta=8.0)
    spread = Uncertainty(theta=0.2)
    drawn = [draw_inputs(network, weibit, spread, seed=seed) for seed in seeds]
    assert drawn[0].profile.theta != drawn[1].profile.theta
    # All else is drawn as it is for a logit.
    plain = draw_inputs(network, logit, spread, seed=0)
    assert plain.profile == replace(drawn[0].profile, model="logit", theta=logit.theta)
    assert plain.salt == drawn[0].salt
    agreed = replace(weibit, theta=None, best_share=0.5)
    assert draw_inputs(network, agreed, spread, seed=0).profile.theta is None
    assert [("theta" in spread.record(each)) for each in (logit, weibit, agreed)] == [0, 1, 0]


def test_own_factors_are_log_normal_alike_both_ways_and_differ_between_draws(router):
    profile = load_profile("migrants-north")
    free = {"weights": {"remoteness": 0.0, "weakness": 0.0}, "fees": dict.fromkeys(profile.fees, 0)}
    plain = Draw(profile=profile.__class__(**{**vars(profile), **free}))
    arcs, base = router.arcs, router.cost(plain)
    moving = np.isfinite(base) & (base > 0)
    first, second = (
        np.log(router.cost(Draw(profile=plain.profile, spread=0.3, salt=salt))[moving]
               / base[moving])
        for salt in (1, 2**62)
    )  # fmt: skip
    assert abs(first.mean()) < 0.01 and first.std() == pytest.approx(0.3, rel=0.03)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03
    link, along = arcs.link[moving], arcs.along[moving]
    there, back = (np.full(len(router.network.links), np.nan) for _ in range(2))
    there[link[along]], back[link[~along]] = first[along], first[~along]
    both = np.isfinite(there) & np.isfinite(back)
    assert both.sum() > 100_000
    np.testing.assert_allclose(there[both], back[both], atol=1e-5)


def test_factors_are_quantiles_around_one():
    factors = factors_of(0.2)
    assert np.median(np.log(factors)) == pytest.approx(0, abs=1e-3)
    assert (np.diff(factors) > 0).all()
    assert (factors_of(0.0) == 1).all()


def test_noise_on_scores_is_smooth_and_of_the_size_asked_for(network):
    spread = Uncertainty(scores=0.1, correlation_km=40)
    noise = draw_inputs(network, load_profile("migrants-north"), spread, seed=2).noise["weakness"]
    assert noise.std() == pytest.approx(0.1, rel=0.1)
    near = np.corrcoef(noise[:, :-2].ravel(), noise[:, 2:].ravel())[0, 1]
    far = np.corrcoef(noise[:, :-100].ravel(), noise[:, 100:].ravel())[0, 1]
    assert near > 0.95 and abs(far) < 0.3


@pytest.mark.parametrize(
    "wrong", [{"links": -1.0}, {"scores": float("nan")}, {"concentration": 0.0}]
)
def test_an_uncertainty_that_is_none_is_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        Uncertainty(**wrong)


@pytest.mark.parametrize("correlation_km", [0.0, 5.0, 40.0, 1e9])
@pytest.mark.parametrize("cell_m", [200.0, 2000.0])
def test_noise_has_its_deviation_in_areas_of_any_size(correlation_km, cell_m):
    """In a town as well, all of which it moves up or down together."""
    town = StudyArea(name="town", bbox=(7.40, 43.72, 7.45, 43.76), countries=("MC",),
                     neighbours=(), cell_m=cell_m)  # fmt: skip
    draws = [smooth_noise(town, correlation_km, np.random.default_rng(n)) for n in range(2000)]
    assert draws[0].shape == town.shape
    np.testing.assert_allclose(np.std(draws, axis=0), 1, atol=0.1)
    corners = np.array([[draw[0, 0], draw[-1, -1]] for draw in draws])
    km = np.hypot(*np.subtract(town.shape, 1)) * cell_m / 1000
    alike = np.exp(-((km / correlation_km) ** 2) / 2) if correlation_km else 0.0
    assert np.corrcoef(corners.T)[0, 1] == pytest.approx(alike, abs=0.08)


def test_pairs_of_many_categories_are_told_apart():
    """Codes of few categories are of eight bits, and their product is not."""
    modes, classes = [f"m{n}" for n in range(5)], [f"c{n}" for n in range(40)]
    first, second = (pd.Series(texts, dtype="category") for texts in (modes * 40, classes * 5))
    pairs, row = _pairs(first, second)
    assert [pairs[number] for number in row] == list(zip(first, second, strict=True))
