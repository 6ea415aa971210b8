"""The analysis: networks in, tables out; no file or server in sight.

What a notebook needs is here by name, and imported when it is first asked for.

Examples
--------
>>> from geodata import load_network
>>> from routes import Router, Scenario, load_profile
>>> router = Router(load_network("network"))  # doctest: +SKIP
>>> result = router.run(Scenario(profile=load_profile("cocaine-north")))  # doctest: +SKIP
>>> result.corridors.explore("usage")  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geodata.network.network import Network
    from geodata.network.store import load_network
    from routes.alternatives.criteria import AlternativeCriteria
    from routes.alternatives.itineraries import alternative_table, alternatives_between
    from routes.alternatives.plateaus import find_alternatives
    from routes.results.result import Result
    from routes.router import Router
    from routes.scenario.edits import Edit, close, parse_strengthening
    from routes.scenario.ends.end_text import parse_end
    from routes.scenario.profiles import (
        Endpoint,
        Profile,
        load_profile,
        parse_profile,
        profile_names,
    )
    from routes.scenario.scenario import Scenario
    from routes.scores.scoring import score_network
    from routes.studies.closures import close_gateways, cut_flow
    from routes.studies.ensemble import run_ensemble, with_intervals
    from routes.studies.sensitivity import sobol
    from routes.studies.validation.validation import validate

_HOMES = {
    "AlternativeCriteria": "routes.alternatives.criteria",
    "Edit": "routes.scenario.edits",
    "Endpoint": "routes.scenario.profiles",
    "Network": "geodata.network.network",
    "Profile": "routes.scenario.profiles",
    "Result": "routes.results.result",
    "Router": "routes.router",
    "Scenario": "routes.scenario.scenario",
    "alternative_table": "routes.alternatives.itineraries",
    "alternatives_between": "routes.alternatives.itineraries",
    "close": "routes.scenario.edits",
    "close_gateways": "routes.studies.closures",
    "cut_flow": "routes.studies.closures",
    "find_alternatives": "routes.alternatives.plateaus",
    "load_network": "geodata.network.store",
    "load_profile": "routes.scenario.profiles",
    "parse_end": "routes.scenario.ends.end_text",
    "parse_profile": "routes.scenario.profiles",
    "parse_strengthening": "routes.scenario.edits",
    "profile_names": "routes.scenario.profiles",
    "run_ensemble": "routes.studies.ensemble",
    "score_network": "routes.scores.scoring",
    "sobol": "routes.studies.sensitivity",
    "validate": "routes.studies.validation.validation",
    "with_intervals": "routes.studies.ensemble",
}

__all__ = [
    "AlternativeCriteria",
    "Edit",
    "Endpoint",
    "Network",
    "Profile",
    "Result",
    "Router",
    "Scenario",
    "alternative_table",
    "alternatives_between",
    "close",
    "close_gateways",
    "cut_flow",
    "find_alternatives",
    "load_network",
    "load_profile",
    "parse_end",
    "parse_profile",
    "parse_strengthening",
    "profile_names",
    "run_ensemble",
    "score_network",
    "sobol",
    "validate",
    "with_intervals",
]


def __getattr__(name: str) -> object:
    """A public name, whose module is imported when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
