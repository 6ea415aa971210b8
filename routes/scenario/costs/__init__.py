"""What an arc costs in a scenario: impedance, draws of it, and the network so costed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.scenario.costs.costed_network import CostedNetwork
    from routes.scenario.costs.draws import Draw, Uncertainty, draw_inputs
    from routes.scenario.costs.impedance import SCORES, Impedance

__all__ = ["SCORES", "CostedNetwork", "Draw", "Impedance", "Uncertainty", "draw_inputs"]

__getattr__, __dir__ = offer(__name__)
