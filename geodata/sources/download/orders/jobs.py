"""Jobs: the downloads that an order comes to, and what of them is there already."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from geodata.errors import InputError
from geodata.sources.download.downloader import Downloader
from geodata.sources.download.hosts.kinds import KINDS, kind_of
from geodata.sources.download.orders.orders import Order
from geodata.sources.download.providers.providers import Extent, Remote, provider_of, static_remotes
from geodata.sources.download.queries.database import table_remote
from geodata.sources.download.queries.listings import listed_remotes
from geodata.sources.download.queries.osmnx import NAME, osmnx_remote
from geodata.sources.download.queries.overture import overture_remote
from geodata.sources.fetched.addresses import check_address, file_name, redact
from geodata.sources.fetched.records import SUFFIX, Record, read_record, records
from geodata.sources.layers.schema import LAYER_OF, SCHEMAS

NOT_STATED = "not stated"
_LISTED = ("geofabrik", "geoboundaries", "overture")
"""Providers that have to be asked which files they have."""
_IN_ARCHIVES = (
    "*.shp", "*.shx", "*.dbf", "*.prj", "*.cpg", "*.tif", "*.tiff", "*.geojson", "*.gpkg", "*.csv",
    "*.fgb", "*.parquet", "*.pbf", "*.kml", "*.gml",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Job:
    """One download of a layer.

    Parameters
    ----------
    selection
        Role, date and place, by which the provider chooses its files.
    parts
        Downloads that the layer consists of.
    """

    order: Order
    remote: Remote
    selection: str
    parts: int

    @property
    def target(self) -> Path:
        """The file, or the archive beside which its members are put."""
        return self.order.home / self.remote.name

    @property
    def record(self) -> Path:
        """The record of the download."""
        return self.order.home / f"{self.remote.name}{SUFFIX}"


def records_there(order: Order, extent: Extent) -> list[Record]:
    """All files of a layer whose provider would have to be asked which they are."""
    if not order.provider or provider_of(order.query).by not in _LISTED:
        return []
    selection = selection_of(order, extent)
    own = [record for _, record in records(order.home)
           if (record.source_key, record.selection) == (order.source_key, selection)]  # fmt: skip
    if not own or own[0].parts != len(own) or not all(each.holds(order.home) for each in own):
        return []
    return own


def selection_of(order: Order, extent: Extent) -> str:
    """What decides which files a provider gives."""
    box = "" if extent.box is None else ",".join(f"{edge:.10g}" for edge in extent.box)
    return " ".join(filter(None, (order.role, order.date, box, ",".join(extent.countries))))


def jobs_of(
    downloader: Downloader, order: Order, extent: Extent, before: Sequence[Job]
) -> list[Job]:
    """Downloads of a layer, those that are there among them.

    Parameters
    ----------
    before
        Downloads of other layers in this call.

    Raises
    ------
    InputError, DataError, UnreachableError
        When the provider has no file for the layer, or does not answer.
    """
    remotes = _remotes(downloader, order, extent)
    if order.sha256:
        if len(remotes) > 1:
            remedy = f"It is the hash of one file, and these are {len(remotes)}; leave it out."
            raise InputError(f"layer {order.label}, sha256", order.sha256[:12], remedy)
        remotes = [replace(remotes[0], sha256=order.sha256)]
    named = _named(order, remotes, before)
    return [Job(order=order, remote=each, selection=selection_of(order, extent), parts=len(named))
            for each in named]  # fmt: skip


def _remotes(downloader: Downloader, order: Order, extent: Extent) -> list[Remote]:
    if order.by_rows:
        return [_table(order, extent)]
    if not order.provider:
        return [_own(order)]
    provider, query = provider_of(order.query), order.query
    if provider.by == "overture":
        return [overture_remote(downloader, provider, query, extent)]
    if provider.by == NAME:
        request = order.provider
        return [osmnx_remote(provider, request, extent, url=order.url, label=order.label)]
    if provider.by in ("geofabrik", "geoboundaries"):
        return listed_remotes(downloader, provider, query, extent)
    return static_remotes(provider, query, extent)


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


def _table(order: Order, extent: Extent) -> Remote:
    """The rows of a database that the area needs."""
    own = Remote(
        url=order.url, name="", kind="", licence=order.licence or NOT_STATED,
        attribution=order.attribution or NOT_STATED,
    )  # fmt: skip
    schema = SCHEMAS.get(LAYER_OF.get(order.role, order.role), {"geometry": ""})
    shaped = not {"geometry", "x"}.isdisjoint(schema)
    box = extent.box if shaped else None
    return table_remote(own, label=order.label, table=order.layer, box=box, shaped=shaped)


def _named(order: Order, remotes: Sequence[Remote], before: Sequence[Job]) -> list[Remote]:
    """Files with names of their own: two addresses may end alike.

    Parameters
    ----------
    before
        What comes for other layers.
    """
    others = [path.name for path, record in records(order.home)
              if record.source_key != order.source_key]  # fmt: skip
    others += [
        job.record.name
        for job in before
        if job.order.home == order.home and job.order.source_key != order.source_key
    ]
    reserved = set(others)
    named = []
    for each in remotes:
        name = order.file if order.file and len(remotes) == 1 and not each.members else each.name
        if f"{name}{SUFFIX}" in reserved:
            stem, dot, suffixes = name.partition(".")
            name = f"{stem}-{hashlib.sha256(each.url.encode()).hexdigest()[:6]}{dot}{suffixes}"
        reserved.add(f"{name}{SUFFIX}")
        named.append(replace(each, name=name))
    return named


def is_there(job: Job) -> bool:
    """Whether a download is there and unchanged."""
    record = read_record(job.record)
    # What is cut out of large files and tables has the same address whatever the box.
    cut = job.remote.by_rows and job.remote.streets is None
    return (
        record is not None
        and (not cut or record.selection == job.selection)
        and (record.source_key, record.url) == (job.order.source_key, redact(job.remote.url))
        and (not job.remote.sha256 or record.sha256 == job.remote.sha256)
        and record.holds(job.order.home)
    )
