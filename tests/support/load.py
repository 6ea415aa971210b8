"""Load on all processors, for tests of what must not depend on who runs when."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest


@contextmanager
def load() -> Iterator[None]:
    """A process a processor that keeps it busy."""
    spinning = [
        multiprocessing.get_context("fork").Process(target=_spin, args=(os.getpid(),), daemon=True)
        for _ in range(os.cpu_count() or 1)
    ]
    for each in spinning:
        each.start()
    try:
        yield
    finally:
        for each in spinning:
            each.kill()
            each.join()


def _spin(parent: int) -> None:
    """Spin until the tests end, or are killed."""
    while os.getppid() == parent:
        pass


idle_and_busy = pytest.mark.parametrize(
    "processors",
    [
        pytest.param(nullcontext, id="idle"),
        pytest.param(load, id="busy", marks=pytest.mark.trials),
    ],
)
"""Marks a test that takes its time: `with processors():` is under load at length."""
