"""Closing one gateway after the other."""

from __future__ import annotations

import pytest

from routes.router import Router
from routes.scenario.ends.end_text import parse_end
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.studies.closures import close_gateways


@pytest.mark.parametrize("within", [True, False])
def test_slack_in_hours_says_what_is_lost(network, within):
    """Each origin has one place here, and so its flow is lost whole or not at all."""
    ends = [[parse_end(text, field="x")] for text in ("San Pedro Sula", "Chiquimula")]
    profile = load_profile("migrants-north").between(*ends)
    router = Router(network)
    (hardest, *_) = close_gateways(router, Scenario(profile=profile), least=0.3)
    assert 0 < hardest.added < 0.15 * router.flow(Scenario(profile=profile))[0].best[0]
    hours = hardest.added * (1.1 if within else 0.9)
    (again, *_) = close_gateways(router, Scenario(profile=profile, slack_hours=hours), least=0.3)
    assert (again.gateway, again.lost) == (hardest.gateway, 0.0 if within else 1.0)
