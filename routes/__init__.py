"""The analysis: networks in, tables out; it reads no files and knows no server.

The names that a notebook needs are listed here; each is imported when it is first used.

Examples
--------
>>> from geodata import load_network
>>> from routes import Router, Scenario, load_profile
>>> router = Router(load_network("network"))
>>> result = router.run(Scenario(profile=load_profile("cocaine-north")))
>>> page = result.corridors.explore("usage")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.network.network import Network
    from geodata.network.store import load_network
    from routes.alternatives.criteria import AlternativeCriteria
    from routes.alternatives.itineraries import alternative_table, find_alternatives
    from routes.results.result import Result
    from routes.router import Router
    from routes.scenario.demand import Endpoint
    from routes.scenario.edits import Edit, close, parse_strengthening
    from routes.scenario.ends.end_text import parse_end
    from routes.scenario.profiles import Profile, load_profile, parse_profile, profile_names
    from routes.scenario.scenario import Scenario
    from routes.scores.scoring import score_network
    from routes.studies.closures import close_gateways, cut_flow
    from routes.studies.ensemble import run_ensemble, with_intervals
    from routes.studies.gateway_tables import closure_table, cut_table
    from routes.studies.sensitivity import sobol
    from routes.studies.validation.cell_test.result_validation import validate

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
    "close",
    "close_gateways",
    "closure_table",
    "cut_flow",
    "cut_table",
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

__getattr__, __dir__ = offer(__name__)
