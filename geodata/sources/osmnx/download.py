"""Asking osmnx for streets, in a process of its own and within a time limit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from geodata.computing.tasks import Check, unhindered
from geodata.errors import DataError, InputError, UnreachableError
from geodata.sources.fetched.addresses import check_address, credentials, host_of, redact

OVERPASS, NOMINATIM = "https://overpass-api.de/api", "https://nominatim.openstreetmap.org/"
OVERPASS_KEY, NOMINATIM_KEY = "VEREDA_OVERPASS_URL", "VEREDA_NOMINATIM_URL"
LIMIT_KEY = "VEREDA_OSMNX_SECONDS"
LIMIT_SECONDS = 1800.0
"""Default for the seconds that a whole download may take; see `LIMIT_KEY`."""
INSTALL = "pip install 'vereda[osmnx]'"
_POLL_SECONDS, _REPORT_SECONDS = 0.1, 10.0
_TAIL_BYTES = 2000
_BUSY = ("429", "504")
_UNREACHED = "Unable to reach"
"""Message that osmnx logs when it cannot reach a host, before it tries again after a minute."""


@dataclass(frozen=True, kw_only=True)
class Streets:
    """An order for the streets of a place or of polygons from a server.

    Parameters
    ----------
    field
        Name in messages.
    place
        A place that Nominatim knows.
    polygons
        WKT of polygons in degrees, instead.
    overpass
        Address of the Overpass server; by default that of the environment, or osmnx's own.
    """

    field: str
    place: str = ""
    polygons: Sequence[str] = ()
    overpass: str = ""

    @property
    def server(self) -> str:
        """Address of the Overpass server.

        Raises
        ------
        InputError
            When the address of the Overpass server is not one of the web.
        """
        key = f"{self.field}, url" if self.overpass else OVERPASS_KEY
        address = self.overpass or os.environ.get(OVERPASS_KEY) or OVERPASS
        return check_address(address, field=key).rstrip("/").removesuffix("/interpreter")


def require_osmnx(field: str) -> None:
    """Refuse to go on without osmnx.

    Raises
    ------
    InputError
        With advice on how to install it.
    """
    if find_spec("osmnx") is None:
        raise InputError(field, "osmnx", f"osmnx is not installed: {INSTALL}")


def download_streets(
    streets: Streets,
    target: Path,
    *,
    cache: Path,
    say: Callable[[str], None] = lambda _: None,
    check: Check = unhindered,
) -> dict[str, Any]:
    """Let osmnx write the graph of some streets to a file; returns numbers of nodes and edges.

    Nothing is simplified and every piece is kept, ferries among them. Answers of Overpass are kept
    in `cache` and not requested again.

    Parameters
    ----------
    target
        GraphML file, which exists only after success.
    say, check
        Called with a line of text now and then; and often, to end the work by an error.

    Raises
    ------
    InputError
        When osmnx is not installed, or a setting is not valid.
    UnreachableError
        When a host cannot be reached, or has not answered in time.
    DataError
        When there are no streets, or osmnx fails.
    """
    require_osmnx(streets.field)
    nominatim = os.environ.get(NOMINATIM_KEY) or NOMINATIM
    check_address(nominatim, field=NOMINATIM_KEY)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".osmnx-") as scratch:
        fresh = Path(scratch) / "streets.graphml"
        order = {
            "place": streets.place, "polygons": list(streets.polygons), "target": str(fresh),
            "cache": str(cache), "overpass": streets.server,
            "nominatim": nominatim.rstrip("/") + "/", "agent": f"Vereda {version('vereda')}",
        }  # fmt: skip
        report = _Child(streets, order, _limit()).run(Path(scratch), say, check)
        if "fault" in report or not fresh.is_file():
            raise _fault(streets, nominatim, report)
        fresh.replace(target)
    return report


def _limit() -> float:
    text = os.environ.get(LIMIT_KEY)
    if text is None:
        return LIMIT_SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e7:
        raise InputError(LIMIT_KEY, text, "Give seconds, such as 1800.")
    return seconds


@dataclass(frozen=True)
class _Child:
    """The process that runs osmnx."""

    streets: Streets
    order: dict[str, Any]
    limit: float

    def run(self, scratch: Path, say: Callable[[str], None], check: Check) -> dict[str, Any]:
        """The report that it writes at its end."""
        with (scratch / "report").open("w+b") as out, (scratch / "log").open("w+b") as log:
            with self._started(out, log) as child:
                self._await(child, out, say, check)
            lines = _lines(out)
            with suppress(ValueError, IndexError):
                report = json.loads(lines[-1])
                if isinstance(report, dict):
                    return report
            reason = (_lines(log) or [f"code {child.returncode}"])[-1]
            return {"fault": "process", "reason": reason[-300:]}

    @contextmanager
    def _started(self, out: IO[bytes], log: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
        """The child process, which ends together with this one."""
        command = [sys.executable, "-m", "geodata.sources.osmnx.child"]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=log)
        try:
            assert child.stdin is not None
            with suppress(BrokenPipeError), child.stdin as into:
                into.write(json.dumps(self.order).encode())
            yield child
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()

    def _await(
        self,
        child: subprocess.Popen[bytes],
        out: IO[bytes],
        say: Callable[[str], None],
        check: Check,
    ) -> None:
        begun = reported = time.monotonic()
        while child.poll() is None:
            check()
            if _UNREACHED in _tail(out):
                raise _unreachable(self.streets.server)
            present = time.monotonic()
            if present - begun > self.limit:
                raise self._late(out)
            if present - reported > _REPORT_SECONDS:
                reported = present
                say(f"{host_of(self.streets.server)}: {_last(out) or 'waiting for an answer'}")
            time.sleep(_POLL_SECONDS)

    def _late(self, out: IO[bytes]) -> UnreachableError:
        """What is said of a server that answers too late, or is busy all the time."""
        last = _last(out)
        busy = any(code in last for code in _BUSY)
        what = f"is busy ({last})" if busy else last or "no answer"
        remedy = (
            f"Not all has come within {self.limit:g} s: {what}. Try later, take a smaller place, "
            f"name another server in {OVERPASS_KEY}, or allow more in {LIMIT_KEY}. What has come "
            "is kept."
        )
        return UnreachableError("host", host_of(self.streets.server), remedy)


def _lines(file: IO[bytes]) -> list[str]:
    file.seek(0)
    return [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]


def _tail(file: IO[bytes]) -> str:
    """The last lines of what osmnx has logged."""
    descriptor = file.fileno()
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, _TAIL_BYTES, max(size - _TAIL_BYTES, 0)).decode("utf-8", "replace")


def _last(file: IO[bytes]) -> str:
    """What osmnx logged last, without the time before it."""
    line = next((line for line in reversed(_tail(file).splitlines()) if line.strip()), "")
    return line.split(" ", 2)[-1][:160] if line[:2].isdigit() else line[:160]


def _unreachable(address: str) -> UnreachableError:
    remedy = (
        f"It cannot be reached. Check the network, or name another server in {OVERPASS_KEY} or "
        f"{NOMINATIM_KEY}; an extract needs neither: vereda fetch, provider geofabrik."
    )
    return UnreachableError("host", host_of(address), remedy)


def _fault(streets: Streets, nominatim: str, report: dict[str, Any]) -> Exception:
    """The error of osmnx as one of Vereda, in one line."""
    fault, reason = report.get("fault", "process"), report.get("reason", "")
    field, value = streets.field, streets.place or redact(streets.server)
    address, _ = credentials(streets.server)
    host = host_of(address)
    server = nominatim if host_of(nominatim) in reason and host not in reason else streets.server
    if fault in ("ConnectionError", "ConnectTimeout", "ReadTimeout", "SSLError", "ProxyError"):
        return _unreachable(server)
    if fault in ("ResponseStatusCodeError", "HTTPError", "ChunkedEncodingError"):
        return UnreachableError("host", host_of(server), f"It refuses: {reason}. Try later.")
    if fault == "InsufficientResponseError" or "Found no graph nodes" in reason:
        remedy = "No street or place is there by that name: check it, or give a box W,S,E,N."
        return DataError(field, value, remedy)
    if fault == "TypeError" and "geocode" in reason.lower():
        remedy = "This place has no outline in OpenStreetMap: give a box, as osmnx:W,S,E,N."
        return DataError(field, value, remedy)
    return DataError(field, value, f"osmnx fails: {fault}: {reason}.")
