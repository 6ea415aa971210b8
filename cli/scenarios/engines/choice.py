"""Options that say where a batch runs its scenarios."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cli.scenarios.engines.engine import Engine
    from geodata.publication.runs import Runs


@dataclass(frozen=True)
class EngineChoice:
    """Where scenarios run, from the options of a command.

    Parameters
    ----------
    processes
        Scenarios at a time; None for as many as there is room for.
    cluster
        Address of a Dask scheduler, or ``local``; None for processes without Dask.
    """

    processes: int | None
    cluster: str | None

    @property
    def at_once(self) -> int:
        """Scenarios at a time on this machine."""
        return self.processes or os.cpu_count() or 1

    def engine(self, store: Runs) -> Engine:
        """The engine, which has begun nothing yet.

        Raises
        ------
        InputError
            When Dask is wanted and not installed.
        """
        if self.cluster is None:
            from cli.scenarios.engines.forks import Forks

            return Forks(store, processes=self.at_once)
        from cli.scenarios.engines.cluster import Cluster

        return Cluster(store, self.cluster, processes=self.processes)


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say where scenarios run; the command gets them as `where`."""

    @click.option("--processes", type=click.IntRange(1, 256), default=None,
                  help="Scenarios at a time. [default: one a processor, or one a thread of the "
                  "scheduler's workers]")  # fmt: skip
    @click.option("--dask", type=click.Choice(["local"]), default=None,
                  help="Compute on a Dask cluster of this machine that lasts as long as the "
                  "batch.")  # fmt: skip
    @click.option("--scheduler", metavar="ADDRESS", default=None,
                  help="Compute on the workers of a Dask scheduler, such as "
                  "tcp://127.0.0.1:8786.")  # fmt: skip
    @functools.wraps(command)
    def choosing(
        *rest: Any, processes: int | None, dask: str | None, scheduler: str | None, **options: Any
    ) -> Any:
        if dask and scheduler is not None:
            raise click.UsageError("Give --dask or --scheduler, not both.")
        cluster = dask if scheduler is None else scheduler
        return command(*rest, where=EngineChoice(processes, cluster), **options)

    return choosing
