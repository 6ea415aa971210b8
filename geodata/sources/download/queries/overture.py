"""Overture Maps: the rows of its GeoParquet that touch a box, by pyarrow's S3 file system.

pyarrow reads the statistics of each file and asks for the groups of rows that may touch the box, no
others. What has come of each file is kept, so that the next call goes on with the file that was
broken off. The AWS library inside pyarrow takes proxies from ``HTTPS_PROXY`` as well.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from geodata.area.box import Box
from geodata.errors import DataError, InputError, UnreachableError
from geodata.sources.download.cache import CachedFile, CacheEntry
from geodata.sources.download.downloader import Downloader
from geodata.sources.download.hosts.partial import Partial, Version
from geodata.sources.download.hosts.web import proxy_for
from geodata.sources.download.providers.providers import (
    Extent,
    Provider,
    Query,
    Remote,
    box_of,
    remote_of,
)
from geodata.sources.download.providers.tiles import halves
from geodata.sources.fetched.addresses import credentials, host_of, redact

_REGION = "us-west-2"
_SECONDS = 30


def overture_remote(
    downloader: Downloader, provider: Provider, query: Query, extent: Extent
) -> Remote:
    """The part of a release that an area needs.

    Raises
    ------
    InputError, UnreachableError
        When there is no such release, or nobody can be asked which is the newest.
    """
    box = box_of(query, extent)
    template = provider.url[query.role]
    date = query.date or _newest(downloader, template.partition("{date}")[0].rstrip("/"))
    url = template.format(date=date)
    kind = url.rpartition("type=")[2]
    edges = ",".join(f"{edge:.10g}" for edge in box)
    return remote_of(provider, f"{url}?bbox={edges}", name=f"overture-{kind}-{date}.parquet")


def _newest(downloader: Downloader, home: str) -> str:
    if downloader.offline:
        remedy = "Nobody may be asked for the newest release; give the layer its date."
        raise InputError("offline", home, remedy)
    names = _listed(downloader, home)
    if not names:
        raise UnreachableError("host", redact(home), "It lists no release; give the layer a url.")
    return max(names)


def _listed(downloader: Downloader, home: str) -> list[str]:
    from pyarrow import fs

    with _plain_errors(downloader, home):
        system, path = _system(downloader, home)
        entries = system.get_file_info(fs.FileSelector(path, allow_not_found=True))
    return [entry.base_name for entry in entries]


def get_overture(downloader: Downloader, remote: Remote) -> tuple[Path, CachedFile]:
    """The rows that were asked for as one file of the cache, fetched where need be.

    Raises
    ------
    InputError, DataError, UnreachableError
        As `Downloader.get`.
    """
    return downloader.get_once(remote.url, lambda entry: _fetch(downloader, entry, remote))


def _fetch(downloader: Downloader, entry: CacheEntry, remote: Remote) -> CachedFile:
    from pyarrow import parquet

    pieces = entry.home / "pieces"
    pieces.mkdir(exist_ok=True)
    url, _, edges = remote.url.partition("?bbox=")
    box = Box(*map(float, edges.split(",")))
    files = list(_pieces(downloader, url, box, pieces, remote.name))
    part = Partial(entry.home)
    part.begin(Version())
    schema = parquet.read_schema(files[0])
    with parquet.ParquetWriter(part.path, schema) as writer:
        for file in files:
            with parquet.ParquetFile(file) as piece:
                for batch in piece.iter_batches():
                    writer.write_batch(batch.cast(schema))
    cached = downloader.keep(entry, part, remote, source=remote.url)
    shutil.rmtree(pieces, ignore_errors=True)
    return cached


def _pieces(downloader: Downloader, url: str, box: Box, home: Path, name: str) -> Iterator[Path]:
    """What touches the box of each file of a release, kept file by file."""
    from pyarrow import dataset, parquet

    with _plain_errors(downloader, url):
        system, path = _system(downloader, url)
        try:
            release = dataset.dataset(path, filesystem=system, format="parquet", partitioning=None)
        except FileNotFoundError:
            raise _vanished(downloader, url) from None
        fragments = list(release.get_fragments())
        if not fragments:
            raise _vanished(downloader, url)
        meter, size = downloader.meter(name), 0
        for at, fragment in enumerate(fragments, 1):
            piece = home / f"{hashlib.sha256(fragment.path.encode()).hexdigest()[:32]}.parquet"
            if not piece.exists():
                downloader.check()
                downloader.say(f"{name}: file {at} of {len(fragments)}")
                table = fragment.to_table(filter=_touching(box))
                fresh = piece.with_suffix(".new")
                parquet.write_table(table, fresh)
                fresh.replace(piece)
            size += piece.stat().st_size
            meter(size, None)
            if size > downloader.bytes_left:
                remedy = "It grows beyond the limit; raise that with --most, or take a smaller box."
                raise InputError(f"file {name}", f"{size / 1e6:,.0f} MB", remedy)
            yield piece


def _touching(box: Box) -> Any:
    """Rows whose own box touches one."""
    from pyarrow import compute

    condition: Any = None
    for west, east in halves(box.west, box.east):
        part = (
            (compute.field("bbox", "xmin") <= east)
            & (compute.field("bbox", "xmax") >= west)
            & (compute.field("bbox", "ymin") <= box.north)
            & (compute.field("bbox", "ymax") >= box.south)
        )
        condition = part if condition is None else condition | part
    return condition


def _vanished(downloader: Downloader, url: str) -> DataError:
    """What is said of a release that is not there, or not any more."""
    home, _, rest = url.partition("/release/")
    names = ", ".join(sorted(_listed(downloader, f"{home}/release"))[-5:]) or "none"
    remedy = f"There is no such release; old ones are taken away. There are: {names}."
    return DataError("layer date", rest.partition("/")[0], remedy)


def _system(downloader: Downloader, url: str) -> tuple[Any, str]:
    """The file system of a bucket, and the path in it."""
    from pyarrow import fs

    bucket, _, path = url.removeprefix("s3://").partition("/")
    mirror = downloader.mirrors.of(f"s3://{bucket}")[0]
    own: dict[str, Any] = {}
    if not mirror.startswith("s3://"):
        parts = urlsplit(mirror)
        own = {"endpoint_override": host_of(mirror), "scheme": parts.scheme}
    proxy = proxy_for(f"https://{bucket}.s3.amazonaws.com" if not own else mirror)
    if proxy:
        own["proxy_options"] = proxy
    system = fs.S3FileSystem(
        anonymous=True, region=_REGION, connect_timeout=_SECONDS, request_timeout=_SECONDS,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=downloader.patience.tries),
        **own,
    )  # fmt: skip
    return system, f"{bucket}/{path}"


@contextmanager
def _plain_errors(downloader: Downloader, url: str) -> Iterator[None]:
    """Tell what the AWS library says in one line of ours."""
    bucket = url.removeprefix("s3://").partition("/")[0]
    address, _ = credentials(downloader.mirrors.of(f"s3://{bucket}")[0])
    host = host_of(address)
    try:
        yield
    except UnreachableError:
        raise
    except OSError as error:
        if error.filename is not None or (error.errno and "AWS" not in str(error)):
            raise
        reason = " ".join(str(error).split())[-160:]
        remedy = f"It cannot be read ({reason}). Try later, or name a mirror with --mirror."
        raise UnreachableError("host", host, remedy) from error
