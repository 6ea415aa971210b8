"""Fetching: downloads of the layers of a study, put where the study reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from geodata.computing.tasks import Check, unhindered
from geodata.errors import DataError
from geodata.formats.files.places import real_place
from geodata.sources.download.cache import CachedFile, default_cache
from geodata.sources.download.downloader import Downloader
from geodata.sources.download.hosts.patience import Patience
from geodata.sources.download.hosts.web import Web
from geodata.sources.download.orders.jobs import Job, is_there, jobs_of, records_there
from geodata.sources.download.orders.orders import Order
from geodata.sources.download.placing import clear_away, place
from geodata.sources.download.progress import Meters, announce
from geodata.sources.download.providers.providers import Extent, Remote
from geodata.sources.download.queries.database import TableRemote, get_table
from geodata.sources.download.queries.osmnx import get_streets
from geodata.sources.download.queries.overture import get_overture
from geodata.sources.fetched.addresses import Mirrors
from geodata.sources.fetched.records import Record, read_record

MOST_BYTES = 4 * 10**9
"""Default for the largest number of bytes that one call fetches."""
_TRIES = 3
"""Times that a file of the cache is looked for that others replace meanwhile."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How files are fetched.

    Parameters
    ----------
    cache
        Directory of the cache; that of the user by default.
    offline, refresh
        Whether hosts must not be contacted, and whether to ask them for newer files.
    mirrors, patience
        Mirrors to use instead of hosts, and limits on waiting.
    most_bytes
        Bytes that are fetched at most.
    """

    cache: Path = field(default_factory=default_cache)
    offline: bool = False
    refresh: bool = False
    mirrors: Mirrors = field(default_factory=Mirrors)
    patience: Patience = field(default_factory=Patience)
    most_bytes: int = MOST_BYTES


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """Files of a layer, fetched now or before.

    Parameters
    ----------
    role, label
        Of the layer.
    record
        Record with holder, licence and origin.
    files
        Paths of the files.
    fresh
        Whether they were fetched in this call.
    """

    role: str
    label: str
    record: Record
    files: tuple[Path, ...]
    fresh: bool


def fetch(
    orders: Sequence[Order],
    extent: Extent,
    options: Options | None = None,
    *,
    progress: Callable[[str], None] = lambda _: None,
    check: Check = unhindered,
) -> list[Fetched]:
    """Fetch and check the files of some layers, and put them where the study reads them.

    Files that are there and unchanged are left alone. A file gets its name once it is complete,
    of its kind and, where a hash is published or listed, right. When a call ends early, the next
    goes on.

    Parameters
    ----------
    progress
        Called with a line of text at each step.
    check
        Function called repeatedly; an exception that it raises ends the work.

    Raises
    ------
    InputError
        When a layer names a file that does not exist, or the files are larger than allowed.
    DataError
        When a file is not of its kind, or has another hash than stated.
    UnreachableError
        When a host cannot be reached; partial files are kept.
    OSError
        When a disk is full or fails.
    """
    options = options or Options()
    with Web() as web:
        downloader = Downloader(
            web=web, cache=real_place(options.cache, field="cache"), mirrors=options.mirrors,
            patience=options.patience, offline=options.offline, refresh=options.refresh,
            bytes_left=options.most_bytes, say=progress, meter=Meters(progress).of, check=check,
        )  # fmt: skip
        present: list[Fetched] = []
        jobs: list[Job] = []
        for order in orders:
            records = [] if options.refresh else records_there(order, extent)
            present += [_fetched(order, record, fresh=False) for record in records]
            jobs += [] if records else jobs_of(downloader, order, extent, jobs)
        missing = [job for job in jobs if options.refresh or not is_there(job)]
        present += [_present(job) for job in jobs if job not in missing]
        announce(downloader, [job.remote for job in missing])
        fresh = _download(downloader, missing)
    _clear(jobs, progress)
    return present + fresh


def _download(downloader: Downloader, jobs: Sequence[Job]) -> list[Fetched]:
    """Download and place what some jobs lack."""
    fetched: list[Fetched] = []
    absent: dict[str, list[str]] = {}
    for at, job in enumerate(jobs, 1):
        downloader.say(f"{job.remote.name} ({at} of {len(jobs)}), for {job.order.label}")
        record = _record_of(downloader, job)
        if record is None:
            absent.setdefault(job.order.label, []).append(job.remote.name)
            continue
        fetched.append(_fetched(job.order, record, fresh=True))
    _report_absent(jobs, absent, downloader.say)
    return fetched


def _record_of(downloader: Downloader, job: Job) -> Record | None:
    """Record of the files that a job has put in place; None where one is missing."""
    tries = 1
    while True:
        path, cached = _cached(downloader, job.remote)
        if path is None:
            return None
        try:
            return _placed(job, path, cached, downloader)
        except FileNotFoundError:
            if path.exists() or tries == _TRIES:
                raise
        # Another process has refreshed the cache since: the file there has another name now.
        downloader.files.pop((job.remote.url, job.remote.sha256), None)
        tries += 1


def _cached(downloader: Downloader, remote: Remote) -> tuple[Path | None, CachedFile]:
    if isinstance(remote, TableRemote):
        return get_table(downloader, remote)
    if remote.streets is not None:
        return get_streets(downloader, remote)
    if remote.by_rows:
        return get_overture(downloader, remote)
    return downloader.get(remote)


def _placed(job: Job, path: Path, cached: CachedFile, downloader: Downloader) -> Record:
    """Put a file of the cache, or its members, beside a record of its origin."""
    order, remote = job.order, job.remote
    files = place(
        path, job.target, members=remote.members, replace=downloader.refresh,
        check=downloader.check,
    )  # fmt: skip
    record = Record(
        source_key=order.source_key, selection=job.selection, parts=job.parts, role=order.role,
        url=cached.url, source=cached.source, fetched=cached.fetched, modified=cached.modified,
        bytes=cached.size, sha256=cached.sha256, checksum=cached.checksum,
        licence=order.licence or remote.licence,
        attribution=order.attribution or remote.attribution, note=remote.note, files=files,
    )  # fmt: skip
    record.write(job.record)
    return record


def _report_absent(
    jobs: Sequence[Job], absent: dict[str, list[str]], progress: Callable[[str], None]
) -> None:
    """Report which tiles do not exist; a layer without any tile is an error.

    Raises
    ------
    DataError
        When all tiles of a layer are missing.
    """
    for label, names in absent.items():
        own = [job for job in jobs if job.order.label == label]
        meaning = own[0].remote.absent
        if len(names) == own[0].parts:
            remedy = (
                f"Not one of its {len(names)} tiles is there: the area holds no land, or the "
                "address has changed. Name a mirror, a url or a path."
            )
            raise DataError(f"layer {label}, provider", own[0].order.source_key, remedy)
        progress(f"{label}: {len(names)} tiles are not there, which means {meaning}")


def _clear(jobs: Sequence[Job], progress: Callable[[str], None]) -> None:
    """Remove files of earlier calls that are no longer part of a layer."""
    layers = {(job.order.home, job.order.source_key): None for job in jobs}
    for home, key in layers:
        names = [job.record.name for job in jobs
                 if (job.order.home, job.order.source_key) == (home, key)]  # fmt: skip
        for name in clear_away(home, key, but=names):
            progress(f"{home / name} is of an earlier download and was changed since: left there")


def _present(job: Job) -> Fetched:
    record = read_record(job.record)
    assert record is not None
    return _fetched(job.order, record, fresh=False)


def _fetched(order: Order, record: Record, *, fresh: bool) -> Fetched:
    files = tuple(order.home / name for name in record.files)
    return Fetched(role=order.role, label=order.label, record=record, files=files, fresh=fresh)
