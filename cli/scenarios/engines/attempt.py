"""An attempt: a run is computed and written, and what became of it is recorded."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from cli.shell.exit_codes import exit_code
from geodata.computing.tasks import Check
from geodata.errors import VeredaError
from geodata.formats.files.disks import FAILING
from geodata.publication.runs import DONE, FAILED
from routes.studies.batch.figures import headline
from routes.studies.batch.run import Run

if TYPE_CHECKING:
    from routes.router import Router

Tell = Callable[[Mapping[str, Any]], None]
"""Function that writes the record of a run."""
Say = Callable[[str], None]
"""Function that adds a line to the log of a run."""

_WRITING = Lock()
"""Maps are drawn by one thread of a process at a time."""


def run_and_publish(
    router: Router, run: Run, place: Path, *, tell: Tell, say: Say, check: Check
) -> None:
    """Compute a run and write its result; where that fails, a record says why.

    Parameters
    ----------
    place
        Directory of the result.
    tell
        Takes the record: before the result is written, so that each result has one, and after.
    say
        Takes lines of the log.
    check
        Called every few milliseconds; an exception that it raises ends the work.

    Raises
    ------
    OSError
        When the disk is full or fails, which is no fault of the run.
    """
    say(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {run.name}")
    try:
        _compute(router, run, place, tell=tell, say=say, check=check)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FAILING:
            raise
        if not isinstance(error, VeredaError):
            say(traceback.format_exc())
        record = failure(error)
        say(record["error"])
        tell({"status": FAILED, **record})


def _compute(router: Router, run: Run, place: Path, *, tell: Tell, say: Say, check: Check) -> None:
    from geodata.publication.results.publish import publish
    from routes.studies.ensemble import run_with_draws

    begun = time.monotonic()

    def seconds() -> float:
        return round(time.monotonic() - begun, 3)

    def progress(step: str) -> None:
        say(f"{seconds():9.1f} s  {step}")

    progress("computing corridors")
    result = run_with_draws(
        router, run.scenario, draws=run.form.draws, seed=run.form.seed, progress=progress,
        check=check,
    )  # fmt: skip
    check()
    progress("writing the result")
    record = {"status": DONE, **headline(result)}
    tell({**record, "seconds": seconds()})
    with _WRITING:
        publish(result, place, overwrite=True, outputs=run.outputs)
    tell({**record, "seconds": seconds()})
    progress("done")


def failure(error: Exception) -> dict[str, Any]:
    """Columns of the index for a run that failed; its log has the traceback of a fault."""
    kind = "" if isinstance(error, VeredaError) else f"{type(error).__name__}: "
    return {"error": " ".join(f"{kind}{error}".split()), "code": exit_code(error)}
