"""What a batch asks of the engine that runs its scenarios."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from enum import Enum
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from routes.studies.batch.run import Run


class State(Enum):
    """How the attempt to compute a run has ended."""

    RECORDED = "its result or its failure is on record"
    BUSY = "another batch is at it"
    DIED = "its process ended before"


class Ending(NamedTuple):
    """An attempt that has ended.

    Parameters
    ----------
    run
        The run.
    state
        How it ended.
    how
        A sentence on what ended its process.
    deaths
        How many processes have died of it.
    """

    run: Run
    state: State
    how: str = ""
    deaths: int = 0


class Engine(Protocol):
    """Computes runs, of one network after another, within a ``with`` block."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all that still runs."""

    def read(self, network: str, runs: Sequence[Run]) -> None:
        """Read the network of the runs that come next.

        Raises
        ------
        DataError
            When it cannot be read, or was replaced since its scenarios were read.
        """

    def run(self, tasks: deque[Run]) -> Iterator[Ending]:
        """Compute runs on the network that was read; yield each as it ends.

        Parameters
        ----------
        tasks
            Runs, taken from the left; the caller may put one back to try it again.

        Raises
        ------
        OSError
            When a disk is full or fails, or the processes cannot be reached any more.
        """
