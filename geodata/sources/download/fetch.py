"""Fetching: what the layers of a study name, got and put where the study reads it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from geodata.errors import DataError, InputError
from geodata.formats.files.places import real_place
from geodata.sources.download.cache import Held, default_cache
from geodata.sources.download.database import TableRemote, get_table, table_remote
from geodata.sources.download.getting import Getter
from geodata.sources.download.kinds import KINDS, kind_of
from geodata.sources.download.listings import listed_remotes
from geodata.sources.download.overture import get_overture, overture_remote
from geodata.sources.download.patience import Patience
from geodata.sources.download.placing import clear_away, place
from geodata.sources.download.providers import (
    Provider,
    Remote,
    Where,
    Wish,
    provider_of,
    static_remotes,
)
from geodata.sources.download.transfer import Meter
from geodata.sources.download.web import Web
from geodata.sources.fetched.addresses import (
    Mirrors,
    check_address,
    file_name,
    is_database,
    known_as,
    shown,
)
from geodata.sources.fetched.records import SUFFIX, Record, read_record, records
from geodata.sources.schema import LAYER_OF, SCHEMAS
from geodata.tasks import Check, unhindered

MOST_BYTES = 4 * 10**9
"""Bytes that one call fetches at most, unless somebody says otherwise."""
NOT_STATED = "not stated"
_TOLD_SECONDS = 5.0
_IN_ARCHIVES = (
    "*.shp", "*.shx", "*.dbf", "*.prj", "*.cpg", "*.tif", "*.tiff", "*.geojson", "*.gpkg", "*.csv",
    "*.fgb", "*.parquet", "*.pbf", "*.kml", "*.gml",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be fetched for one layer of a study.

    Parameters
    ----------
    role, label
        Role of the layer, and how errors call it.
    home
        Directory in which it is read.
    file
        Name of the file there; empty for the host's own.
    provider, url
        One of them, as the layer has it; a provider perhaps with a selection, as
        ``geofabrik:guatemala,honduras``.
    date, sha256, licence, attribution, format, layer
        As the layer has them, or empty.
    """

    role: str
    label: str
    home: Path
    file: str = ""
    provider: str = ""
    url: str = ""
    date: str = ""
    sha256: str = ""
    licence: str = ""
    attribution: str = ""
    format: str = ""
    layer: str = ""

    @property
    def asked(self) -> str:
        """By what the files of the layer are known."""
        return self.provider or known_as(self.url, table=self.layer)

    @property
    def by_rows(self) -> bool:
        """Whether it is a table of a database, of which the rows of the area come."""
        return not self.provider and is_database(self.url)

    @property
    def wish(self) -> Wish:
        """What is wanted of a provider."""
        name, _, selection = self.provider.partition(":")
        several = tuple(part.strip() for part in selection.split(",") if part.strip())
        return Wish(role=self.role, label=self.label, provider=name.strip(), selection=several,
                    date=self.date)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Options:
    """How files are fetched.

    Parameters
    ----------
    cache
        Directory of the cache; that of the user by default.
    offline, refresh
        Whether nobody is asked; whether newer files are asked for where there are some.
    mirrors, patience
        Where to ask instead, and how long.
    most
        Bytes that are fetched at most.
    """

    cache: Path = field(default_factory=default_cache)
    offline: bool = False
    refresh: bool = False
    mirrors: Mirrors = field(default_factory=Mirrors)
    patience: Patience = field(default_factory=Patience)
    most: int = MOST_BYTES


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What was fetched for a layer, or was there.

    Parameters
    ----------
    role, label
        Of the layer.
    record
        Whose it is and where it came from.
    files
        Where it is.
    fresh
        Whether it was put there now.
    """

    role: str
    label: str
    record: Record
    files: tuple[Path, ...]
    fresh: bool


@dataclass(frozen=True, kw_only=True)
class _Job:
    """One download of a layer."""

    order: Order
    remote: Remote
    wanted: str
    parts: int

    @property
    def target(self) -> Path:
        return self.order.home / self.remote.name

    @property
    def record(self) -> Path:
        return self.order.home / f"{self.remote.name}{SUFFIX}"


def fetch(
    orders: Sequence[Order],
    where: Where,
    options: Options | None = None,
    *,
    progress: Callable[[str], None] = lambda _: None,
    check: Check = unhindered,
) -> list[Fetched]:
    """Get all that some layers name, check it, and put it where the study reads it.

    What is there as it came is left alone. Nothing gets its name before it is whole, of its kind
    and, where a hash is published or given, right. When a call ends early, the next goes on.

    Parameters
    ----------
    progress
        Told of each step.
    check
        Called every so often; ends the work by what it raises.

    Raises
    ------
    InputError
        When a layer names what there is not, or more would come than is allowed.
    DataError
        When what comes is not what it has to be.
    UnreachableError
        When a host cannot be reached; what has come is kept.
    OSError
        When a disk is full or fails.
    """
    options = options or Options()
    with Web() as web:
        getter = Getter(
            web=web, cache=real_place(options.cache, field="cache"), mirrors=options.mirrors,
            patience=options.patience, offline=options.offline, refresh=options.refresh,
            left=options.most, say=progress, meter=_Meters(progress).of, check=check,
        )  # fmt: skip
        there: list[Fetched] = []
        jobs: list[_Job] = []
        for order in orders:
            before = [] if options.refresh else _there_already(order, where)
            there += before
            jobs += [] if before else _jobs(getter, order, where, jobs)
        rest = [job for job in jobs if options.refresh or not _holds(job)]
        there += [_done(job, _record(job)) for job in jobs if job not in rest]
        _announce(getter, rest, options, progress)
        fetched = _all(getter, rest, options, progress)
    _clear(jobs, progress)
    return there + fetched


def _there_already(order: Order, where: Where) -> list[Fetched]:
    """All files of a layer whose provider would have to be asked which they are."""
    if not order.provider or _provider(order).by not in ("geofabrik", "geoboundaries", "overture"):
        return []
    wanted = _wanted(order, where)
    own = [record for _, record in records(order.home)
           if (record.asked, record.wanted) == (order.asked, wanted)]  # fmt: skip
    if not own or own[0].parts != len(own) or not all(each.holds(order.home) for each in own):
        return []
    return [_fetched(order, record, fresh=False) for record in own]


def _wanted(order: Order, where: Where) -> str:
    """What decides which files a provider gives."""
    box = "" if where.box is None else ",".join(f"{edge:.10g}" for edge in where.box)
    return " ".join(filter(None, (order.role, order.date, box, ",".join(where.countries))))


def _provider(order: Order) -> Provider:
    return provider_of(order.wish)


def _jobs(getter: Getter, order: Order, where: Where, before: Sequence[_Job]) -> list[_Job]:
    remotes = _remotes(getter, order, where)
    if order.sha256:
        if len(remotes) > 1:
            remedy = f"It is the hash of one file, and these are {len(remotes)}; leave it out."
            raise InputError(f"layer {order.label}, sha256", order.sha256[:12], remedy)
        remotes = [replace(remotes[0], sha256=order.sha256)]
    named = _named(order, remotes, before)
    return [_Job(order=order, remote=each, wanted=_wanted(order, where), parts=len(named))
            for each in named]  # fmt: skip


def _remotes(getter: Getter, order: Order, where: Where) -> list[Remote]:
    if order.by_rows:
        return [_table(order, where)]
    if not order.provider:
        return [_own(order)]
    provider, wish = _provider(order), order.wish
    if provider.by == "overture":
        return [overture_remote(getter, provider, wish, where)]
    if provider.by in ("geofabrik", "geoboundaries"):
        return listed_remotes(getter, provider, wish, where)
    return static_remotes(provider, wish, where)


def _own(order: Order) -> Remote:
    """The file of an address that the study gives itself."""
    url = check_address(order.url, field=f"layer {order.label}, url")
    name = order.file or file_name(url)
    kind = order.format if order.format in KINDS else kind_of(name)
    if kind == "other":
        kind = kind_of(file_name(url))
    return Remote(
        url=url, name=name, kind=kind, licence=order.licence or NOT_STATED,
        attribution=order.attribution or NOT_STATED,
        members=_IN_ARCHIVES if kind == "zip" else (),
    )  # fmt: skip


def _table(order: Order, where: Where) -> Remote:
    """The rows of a database that the area needs."""
    own = Remote(
        url=order.url, name="", kind="", licence=order.licence or NOT_STATED,
        attribution=order.attribution or NOT_STATED,
    )  # fmt: skip
    schema = SCHEMAS.get(LAYER_OF.get(order.role, order.role), {"geometry": ""})
    shaped = not {"geometry", "x"}.isdisjoint(schema)
    box = where.box if shaped else None
    return table_remote(own, label=order.label, table=order.layer, box=box, shaped=shaped)


def _named(order: Order, remotes: Sequence[Remote], before: Sequence[_Job]) -> list[Remote]:
    """Files with names of their own: two addresses may end alike.

    Parameters
    ----------
    before
        What comes for other layers.
    """
    taken = {path.name for path, record in records(order.home) if record.asked != order.asked}
    taken |= {job.record.name for job in before
              if job.order.home == order.home and job.order.asked != order.asked}  # fmt: skip
    named = []
    for each in remotes:
        name = order.file if order.file and len(remotes) == 1 and not each.members else each.name
        if f"{name}{SUFFIX}" in taken:
            stem, dot, suffixes = name.partition(".")
            name = f"{stem}-{hashlib.sha256(each.url.encode()).hexdigest()[:6]}{dot}{suffixes}"
        taken.add(f"{name}{SUFFIX}")
        named.append(replace(each, name=name))
    return named


def _holds(job: _Job) -> bool:
    """Whether a download is there as it came."""
    record = read_record(job.record)
    return (
        record is not None
        and (record.asked, record.url) == (job.order.asked, shown(job.remote.url))
        and (record.wanted == job.wanted or not job.remote.by_rows)
        and (not job.remote.sha256 or record.sha256 == job.remote.sha256)
        and record.holds(job.order.home)
    )


def _record(job: _Job) -> Record:
    record = read_record(job.record)
    assert record is not None
    return record


def _announce(
    getter: Getter, jobs: Sequence[_Job], options: Options, progress: Callable[[str], None]
) -> None:
    """Tell how much is to come, and refuse more than is allowed."""
    if not jobs:
        return
    remotes = {job.remote.url: job.remote for job in jobs}
    # What comes row by row out of large files has no size before.
    plain = [remote for remote in remotes.values() if not remote.by_rows]
    unknown = len(remotes) - len(plain)
    size = 0
    if not options.offline:
        progress(f"asking how large {_counted(len(plain), 'file')} will be")
        size, silent = getter.missing_bytes(plain)
        unknown += silent
    beyond = f" and {_counted(unknown, 'file')} of a size that is not told" if unknown else ""
    progress(f"{_counted(len(remotes), 'file')}, {size / 1e6:,.0f} MB to come{beyond}")
    if size > options.most:
        remedy = (
            f"That is more than {options.most / 1e9:,.1f} GB: allow it with --most, or fetch "
            "fewer roles."
        )
        raise InputError("most", f"{size / 1e9:,.1f} GB to come", remedy)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _all(
    getter: Getter, jobs: Sequence[_Job], options: Options, progress: Callable[[str], None]
) -> list[Fetched]:
    done: list[Fetched] = []
    absent: dict[str, list[str]] = {}
    for at, job in enumerate(jobs, 1):
        progress(f"{job.remote.name} ({at} of {len(jobs)}), for {job.order.label}")
        path, held = _got(getter, job.remote)
        if path is None:
            absent.setdefault(job.order.label, []).append(job.remote.name)
            continue
        record = _placed(job, path, held, options, getter.check)
        done.append(_done(job, record, fresh=True))
    _refuse_nothing(jobs, absent, progress)
    return done


def _got(getter: Getter, remote: Remote) -> tuple[Path | None, Held]:
    if isinstance(remote, TableRemote):
        return get_table(getter, remote)
    if remote.by_rows:
        return get_overture(getter, remote)
    return getter.get(remote)


def _placed(job: _Job, path: Path, held: Held, options: Options, check: Check) -> Record:
    order, remote = job.order, job.remote
    files = place(
        path, job.target, members=remote.members, replace=options.refresh, check=check
    )  # fmt: skip
    record = Record(
        asked=order.asked, wanted=job.wanted, parts=job.parts, role=order.role, url=held.url,
        source=held.source, fetched=held.fetched, modified=held.modified, bytes=held.size,
        sha256=held.sha256, checksum=held.checksum, licence=order.licence or remote.licence,
        attribution=order.attribution or remote.attribution, note=remote.note, files=files,
    )  # fmt: skip
    record.write(job.record)
    return record


def _refuse_nothing(
    jobs: Sequence[_Job], absent: dict[str, list[str]], progress: Callable[[str], None]
) -> None:
    """Tell which tiles are not there; that none is there is no answer.

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
            raise DataError(f"layer {label}, provider", own[0].order.asked, remedy)
        progress(f"{label}: {len(names)} tiles are not there, which means {meaning}")


def _clear(jobs: Sequence[_Job], progress: Callable[[str], None]) -> None:
    """Take away what an earlier call fetched for the same layer, and this one does not want."""
    for home, asked in {(job.order.home, job.order.asked) for job in jobs}:
        names = [job.record.name for job in jobs
                 if (job.order.home, job.order.asked) == (home, asked)]  # fmt: skip
        for name in clear_away(home, asked, but=names):
            progress(f"{home / name} is of an earlier download and was changed since: left there")


def _done(job: _Job, record: Record, *, fresh: bool = False) -> Fetched:
    return _fetched(job.order, record, fresh=fresh)


def _fetched(order: Order, record: Record, *, fresh: bool) -> Fetched:
    files = tuple(order.home / name for name in record.files)
    return Fetched(role=order.role, label=order.label, record=record, files=files, fresh=fresh)


class _Meters:
    """Tells every few seconds how far a file is."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._progress = progress

    def of(self, name: str) -> Meter:
        """One for a file."""
        begun = told = time.monotonic()
        first: int | None = None

        def meter(size: int, total: int | None) -> None:
            nonlocal told, first
            first = size if first is None else first
            present = time.monotonic()
            if present - told < _TOLD_SECONDS:
                return
            told = present
            whole = f" of {total / 1e6:,.0f}" if total else ""
            rate = (size - first) / 1e6 / max(present - begun, 0.001)
            self._progress(f"{name}: {size / 1e6:,.0f}{whole} MB, {rate:,.1f} MB/s")

        return meter
