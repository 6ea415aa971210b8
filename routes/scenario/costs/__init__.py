"""Costs of arcs in a scenario: impedance, draws of uncertain inputs, and the costed network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.scenario.costs.costed_network import CostedNetwork
    from routes.scenario.costs.draws import Draw, Uncertainty, draw_inputs, draws_theta
    from routes.scenario.costs.impedance import SCORES, Impedance
    from routes.scenario.costs.kept_costs import KeptCosts

__all__ = [
    "SCORES",
    "CostedNetwork",
    "Draw",
    "Impedance",
    "KeptCosts",
    "Uncertainty",
    "draw_inputs",
    "draws_theta",
]

__getattr__, __dir__ = offer(__name__)
