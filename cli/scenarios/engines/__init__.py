"""Engines of batches: where scenarios run, in processes of this machine or on a Dask cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from cli.scenarios.engines.attempt import failure, run_and_publish
    from cli.scenarios.engines.choice import EngineChoice, engine_options
    from cli.scenarios.engines.cluster import Cluster
    from cli.scenarios.engines.engine import Ending, Engine, State
    from cli.scenarios.engines.forks import Forks

__all__ = [
    "Cluster",
    "Ending",
    "Engine",
    "EngineChoice",
    "Forks",
    "State",
    "engine_options",
    "failure",
    "run_and_publish",
]

__getattr__, __dir__ = offer(__name__)
