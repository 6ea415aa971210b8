"""How sure: draws, their intervals, and what moves what."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geodata.errors import InputError
from routes.router import Router
from routes.scenario.costs.draws import Uncertainty, draw_inputs
from routes.scenario.ends.end_text import parse_end
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.studies.ensemble import run_ensemble, with_intervals
from routes.studies.sensitivity import COLUMNS, parameters, scale_parameters, sobol


@pytest.fixture(scope="module")
def router(network):
    return Router(network)


@pytest.fixture(scope="module")
def scenario():
    ends = [[parse_end(t, field="x")] for t in ("San Pedro Sula", "Chiquimula")]
    return Scenario(profile=load_profile("migrants-north").between(*ends), slack=0.1)


@pytest.fixture(scope="module")
def ensemble(router, scenario):
    return run_ensemble(router, scenario, draws=24, seed=5, tolerance=1e-9)


def test_the_same_seed_gives_the_same_ensemble(router, scenario, ensemble):
    again = run_ensemble(router, scenario, draws=24, seed=5, tolerance=1e-9)
    assert again.gateways.equals(ensemble.gateways)
    alone = run_ensemble(
        Router(router.network, threads=1), scenario, draws=24, seed=5, tolerance=1e-9
    )
    assert alone.gateways.equals(ensemble.gateways) and alone.links.equals(ensemble.links)
    other = run_ensemble(router, scenario, draws=3, seed=6, tolerance=1e-9)
    assert not other.gateways["mean"].equals(ensemble.gateways["mean"])


def test_a_dispersion_free_of_scale_moves_usage_by_itself(router, scenario):
    still = Uncertainty(concentration=1e9, weights=0, rates=0, fees=0, speeds=0, links=0, scores=0,
                        theta=0)  # fmt: skip
    weibit = replace(scenario.profile, model="weibit", theta=8.0)
    scenario = replace(scenario, profile=weibit, slack=0.05)
    sure, drawn = (
        run_ensemble(router, scenario, draws=3, seed=1, spread=spread).corridors
        for spread in (still, replace(still, theta=0.4))
    )
    assert (sure["high"] - sure["low"]).max() < 1e-3
    assert (drawn["high"] - drawn["low"]).max() > 0.01


def test_intervals_hold_the_mean_and_shares_are_shares(ensemble):
    assert ensemble.draws == 24 and not ensemble.converged
    for table in (ensemble.corridors, ensemble.gateways, ensemble.admin, ensemble.links):
        # Nine draws in ten, at least, lie above the low end.
        assert (0.9 * table["low"] <= table["mean"] + 1e-9).all()
        assert (table["mean"] <= table["high"] + 0.25).all()
        shares = table[["used", "top"]].to_numpy()
        assert ((shares >= 0) & (shares <= 1)).all()
    assert ensemble.corridors["mean"].sum() == pytest.approx(1.0)
    assert (ensemble.admin["exposure_low"] <= ensemble.admin["exposure_high"]).all()


def test_an_ensemble_fits_a_line_of_a_notebook(ensemble):
    assert repr(ensemble).startswith(f"<Ensemble of {ensemble.draws} draws, not converged: error 0")
    assert len(repr(ensemble)) < 100


def test_a_run_stops_when_the_means_have_converged(router, scenario):
    run = run_ensemble(router, scenario, draws=40, seed=5, tolerance=0.5)
    assert run.converged and run.draws == 20 and run.error <= 0.5


def test_a_result_takes_up_the_intervals(router, scenario, ensemble):
    result = with_intervals(router.network, router.run(scenario), ensemble)
    for table in (result.corridors, result.gateways, result.segments, result.admin):
        assert {"usage_mean", "usage_low", "usage_high", "used_share", "top_share"} <= set(table)
    first = result.gateways.iloc[0]
    assert first["usage_low"] <= first["usage_mean"] <= first["usage_high"]
    assert result.provenance["ensemble"]["draws"] == 24
    assert result.provenance["ensemble"]["seed"] == 5


@pytest.mark.parametrize(("draws", "tolerance"), [(1, 0.1), (10, 0.0), (10, float("nan"))])
def test_an_ensemble_that_says_nothing_is_refused(router, scenario, draws, tolerance):
    with pytest.raises(InputError):
        run_ensemble(router, scenario, draws=draws, seed=1, tolerance=tolerance)


def test_a_network_without_gateways_has_intervals(router, scenario):
    """As that of one country without a coast."""
    network = router.network
    none = pd.Categorical([""] * len(network.links))
    links = network.links.assign(gateway=none)
    bare = replace(network, gateways=network.gateways.iloc[:0], links=links)
    few = run_ensemble(Router(bare), scenario, draws=3, seed=5, tolerance=1e-9)
    assert (few.draws, few.error, len(few.gateways)) == (3, 0.0, 0)


def test_sobol_finds_the_fee_that_decides(router, scenario):
    """Everything but the fees is nailed down, so a fee must explain the choice of crossing."""
    only = replace(scenario.profile, weights={"remoteness": 0.0, "weakness": 0.0})
    # Sectors of two borders may have one name, and are two things all the same.
    gateways = router.network.gateways.assign(name="El Paraiso sector")
    alike = Router(replace(router.network, gateways=gateways))
    indices = sobol(alike, replace(scenario, profile=only), samples=4, seed=1, most=2)
    assert tuple(indices) == COLUMNS
    leading = indices.groupby(["kind", "gateways"], sort=False).first()
    assert leading.index.get_level_values("kind").value_counts().to_dict() == {
        "corridor": 2, "gateway": 2,
    }  # fmt: skip
    assert leading["parameter"].isin(["fees.informal", "fees.formal", "rates.trail"]).all()
    with pytest.raises(InputError, match="power of two"):
        sobol(router, scenario, samples=6, seed=1)


def test_where_nothing_varies_no_parameter_has_an_index(router, scenario):
    ends = [[parse_end(t, field="x")] for t in ("Tela", "La Ceiba")]
    indices = sobol(router, replace(scenario, profile=scenario.profile.between(*ends)), samples=4,
                    seed=1)  # fmt: skip
    assert indices.empty and tuple(indices) == COLUMNS


def test_parameters_are_multiplied_where_they_stand():
    profile = load_profile("migrants-north")
    names = parameters(profile)
    assert ("fees", "formal") in names and ("rates", "road") not in names
    doubled = scale_parameters(profile, names, np.full(len(names), 2.0))
    assert doubled.fees["formal"] == 2 * profile.fees["formal"]
    assert doubled.rates["road"] == profile.rates["road"]


def test_theta_is_a_parameter_where_the_choice_is_free_of_scale(router, scenario):
    logit = scenario.profile
    weibit = replace(logit, model="weibit", theta=8.0)
    theta = ("choice", "theta")
    assert theta not in parameters(logit) and parameters(weibit)[-1] == theta
    assert scale_parameters(weibit, [theta], np.array([1.5])).theta == 12.0
    # Costs stay as they are where all that could move them is left at zero.
    only = replace(weibit, fees=dict.fromkeys(weibit.fees, 0.0), rates={"road": 1.0},
                   weights=dict.fromkeys(weibit.weights, 0.0))  # fmt: skip
    assert parameters(only) == [theta]
    wide = replace(scenario, profile=only, slack=0.3)
    indices = sobol(router, wide, samples=4, seed=1, most=2)
    assert set(indices["parameter"]) == {"choice.theta"}


def test_a_draw_whose_best_path_crosses_a_cay_has_corridors(router):
    """All paths within the slack pass the landing of Ambergris Caye twice in this draw."""
    profile = load_profile("cocaine-north")
    draw = draw_inputs(router.network, profile, Uncertainty(links=0), seed=100_003 + 46)
    flow, _ = router.flow(Scenario(profile=profile), cost=router.cost(draw), detail=0.5)
    assert sum(corridor.usage for corridor in flow.corridors) == pytest.approx(1.0)
