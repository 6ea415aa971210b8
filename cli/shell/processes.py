"""Processes: tasks, each in a fork that shares what this process has in memory."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def run_in_forks(
    tasks: deque[T], work: Callable[[T], int], *, processes: int, log: Callable[[T], Path]
) -> Generator[tuple[T, int], None, None]:
    """Run tasks in processes of their own; yield each task with its exit code when it ends.

    The code is below zero for a process that a signal has ended. All that run are killed when the
    caller stops early, and end by themselves where `work` looks whether its parent is there.

    Parameters
    ----------
    tasks
        Tasks, taken from the left; the caller may put a task back to try it again.
    work
        Function that does a task and returns the exit code.
    processes
        Number of processes at a time.
    log
        File to which the output of a task is appended.
    """
    running: dict[ForkProcess, T] = {}
    fork = multiprocessing.get_context("fork")
    # A fork shares memory until either side writes there, as the collector of garbage would.
    gc.collect()
    gc.freeze()
    try:
        while tasks or running:
            while tasks and len(running) < processes:
                task = tasks.popleft()
                process = fork.Process(target=_begin, args=(task, work, log(task)), daemon=True)
                process.start()
                running[process] = task
            wait([process.sentinel for process in running])
            for process in [each for each in running if each.exitcode is not None]:
                yield running.pop(process), process.exitcode or 0
    finally:
        gc.unfreeze()
        for process in running:
            process.kill()
            process.join()


def _begin(task: T, work: Callable[[T], int], log: Path) -> None:
    """Work of a process; an exception is printed and gives exit code 1."""
    # Ctrl+C reaches all processes; the parent ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    printed = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    for descriptor in (1, 2):
        os.dup2(printed, descriptor)
    sys.stdout = sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.exit(work(task))
