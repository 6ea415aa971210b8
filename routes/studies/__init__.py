"""Questions that ask the router many times: cuts, draws, validation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.studies.closures import Closure, check_least, close_gateways, cut_flow
    from routes.studies.cuts import Cut
    from routes.studies.defaults import BLOCK_M, LEAST_SHARE, TOLERANCE_M, VALIDATION_SEED
    from routes.studies.ensemble import (
        Ensemble,
        check_draws,
        run_ensemble,
        run_with_draws,
        with_intervals,
    )
    from routes.studies.gateway_tables import closure_table, cut_table
    from routes.studies.sensitivity import sobol

__all__ = [
    "BLOCK_M",
    "LEAST_SHARE",
    "TOLERANCE_M",
    "VALIDATION_SEED",
    "Closure",
    "Cut",
    "Ensemble",
    "check_draws",
    "check_least",
    "close_gateways",
    "closure_table",
    "cut_flow",
    "cut_table",
    "run_ensemble",
    "run_with_draws",
    "sobol",
    "with_intervals",
]

__getattr__, __dir__ = offer(__name__)
