"""Gets a file from the cache, its host or a mirror, and checks it before it gets its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from geodata.computing.tasks import Check, unhindered
from geodata.errors import DataError, InputError, UnreachableError
from geodata.sources.download.cache import CachedFile, CacheEntry
from geodata.sources.download.hosts.kinds import check_whole
from geodata.sources.download.hosts.partial import Partial, now
from geodata.sources.download.hosts.patience import Patience
from geodata.sources.download.hosts.transfer import Meter, Outcome, Request, Transfer
from geodata.sources.download.hosts.web import Web
from geodata.sources.download.providers.providers import Remote
from geodata.sources.fetched.addresses import Mirrors, host_of, redact

_MD5 = re.compile(r"(?:^|[\s=(])([0-9a-fA-F]{32})(?:$|[\s)*])", re.ASCII)
_CHECKSUM_BYTES = 4096
LISTING_BYTES = 1 << 26
"""Size of a list of files at most."""


def not_cached(url: str) -> InputError:
    """The error when the cache has no copy and the call is offline."""
    remedy = "The cache has no copy; fetch it without --offline, or name another --cache."
    return InputError("offline", redact(url), remedy)


@dataclass(kw_only=True)
class Downloader:
    """Gets files, one after another.

    Parameters
    ----------
    web
        Connections to hosts.
    cache
        Directory of the cache.
    mirrors
        Mirrors to use instead of hosts.
    patience
        Limits on waiting for each file.
    offline
        Whether hosts must not be contacted.
    refresh
        Whether to ask hosts for newer versions of cached files.
    bytes_left
        Bytes that may still be fetched.
    say, meter, check
        Called with a line of text; with how far a file is; and often, to end the work by an error.
    files
        Files of this call, by address and hash.
    """

    web: Web
    cache: Path
    mirrors: Mirrors = field(default_factory=Mirrors)
    patience: Patience = field(default_factory=Patience)
    offline: bool = False
    refresh: bool = False
    bytes_left: int
    say: Callable[[str], None] = lambda _: None
    meter: Callable[[str], Meter] = lambda _: lambda _size, _total: None
    check: Check = unhindered
    files: dict[tuple[str, str], tuple[Path | None, CachedFile]] = field(
        default_factory=dict, init=False
    )

    def get(self, remote: Remote) -> tuple[Path | None, CachedFile]:
        """A file of the cache, fetched where need be; none where its provider has none there.

        Each file is fetched once a call, so that all layers get the same version.

        Raises
        ------
        InputError
            When no host may be asked and the cache lacks the file, or cannot be written.
        UnreachableError
            When neither host nor mirror sends the file.
        DataError
            When the host sends something else.
        """
        key = (remote.url, remote.sha256)
        if key not in self.files:
            self.files[key] = self._get(remote)
        return self.files[key]

    def _get(self, remote: Remote) -> tuple[Path | None, CachedFile]:
        entry = CacheEntry(self.cache, remote.url)
        cached = self._usable(entry.cached(), remote)
        if self.offline and cached is None:
            raise not_cached(remote.url)
        if cached is None or not (self.offline or self._is_current(cached, remote)):
            with entry.locked(say=self.say, check=self.check):
                cached = self._fetch(entry, remote, self._usable(entry.cached(), remote))
        return (None if cached.absent else entry.file(cached)), cached

    def get_once(
        self, url: str, fetch: Callable[[CacheEntry], CachedFile]
    ) -> tuple[Path, CachedFile]:
        """A file put together from several answers: from the cache, or made by `fetch`.

        Parameters
        ----------
        url
            What its entry in the cache is called after.
        fetch
            Called while no other process writes the entry.

        Raises
        ------
        InputError
            When no host may be asked and the cache lacks the file.
        """
        entry = CacheEntry(self.cache, url)
        cached = entry.cached()
        if cached is None and self.offline:
            raise not_cached(url)
        if cached is None or (self.refresh and not self.offline):
            with entry.locked(say=self.say, check=self.check):
                cached = entry.cached() if not self.refresh else None
                cached = cached or fetch(entry)
        return entry.file(cached), cached

    def keep(self, entry: CacheEntry, part: Partial, remote: Remote, *, source: str) -> CachedFile:
        """Make what was put together from several answers the file of an entry, and count it.

        Parameters
        ----------
        source
            Origin of the answers.

        Raises
        ------
        DataError
            When the file is not of its kind.
        """
        check_whole(part.path, remote.kind, name=remote.name)
        self.bytes_left -= part.size
        cached = CachedFile(
            url=entry.url, source=redact(source), sha256=part.digest("sha256"), size=part.size,
            etag="", modified="", checksum="", fetched=now(),
        )  # fmt: skip
        entry.keep(part, cached)
        return cached

    def listing(self, url: str, name: str) -> Path:
        """A list in JSON of what a host has."""
        own, self.bytes_left = self.bytes_left, LISTING_BYTES
        try:
            listed = Remote(url=url, name=name, kind="json", licence="", attribution="",
                            changes=True)  # fmt: skip
            path, _ = self.get(listed)
        finally:
            self.bytes_left = own
        assert path is not None
        return path

    def missing_bytes(self, remotes: list[Remote]) -> tuple[int, int]:
        """Bytes still to fetch of some files, and number of files of unknown size."""
        total = unknown = 0
        silent: set[str] = set()
        for remote in remotes:
            entry = CacheEntry(self.cache, remote.url)
            cached = self._usable(entry.cached(), remote)
            if cached and (self.offline or self._is_current(cached, remote)):
                continue
            self.check()
            address = self.mirrors.of(remote.url)[0]
            size = None
            if host_of(address) not in silent:
                try:
                    size = self._announced_bytes(address)
                except (UnreachableError, DataError):
                    silent.add(host_of(address))
            unknown += size is None
            total += size or 0
        return total, unknown

    def _announced_bytes(self, address: str) -> int | None:
        with self.web.open(address, method="HEAD") as answer:
            if answer.status in (404, 410):
                return 0
            return answer.length if answer.status == 200 else None

    def _usable(self, cached: CachedFile | None, remote: Remote) -> CachedFile | None:
        """The cached file, if it has the hash that the study states."""
        other = cached is not None and remote.sha256 and cached.sha256 != remote.sha256
        return None if other or (cached and cached.absent and not remote.absent) else cached

    def _is_current(self, cached: CachedFile, remote: Remote) -> bool:
        """Whether there is nothing to ask for: no newer file can be there."""
        if remote.sha256:
            return True
        return not (self.refresh or remote.changes or cached.absent)

    def _fetch(self, entry: CacheEntry, remote: Remote, cached: CachedFile | None) -> CachedFile:
        """Ask each mirror in turn, if another process has not got it meanwhile."""
        if cached and self._is_current(cached, remote):
            return cached
        addresses = self.mirrors.of(remote.url)
        for at, address in enumerate(addresses, 1):
            try:
                return self._fetch_from(address, entry, remote, cached)
            except (UnreachableError, DataError) as error:
                if at == len(addresses):
                    raise _with_copy(error, cached) from error
                self.say(f"{host_of(address)} fails; the next mirror is asked")
        raise AssertionError

    def _fetch_from(
        self, address: str, entry: CacheEntry, remote: Remote, cached: CachedFile | None
    ) -> CachedFile:
        part = entry.part()
        begun = part.size
        status, source, checksum = self._complete(address, part, remote, cached)
        if status == 304 and cached:
            entry.note(replace(cached, fetched=now()))
            return cached
        if status == 404:
            return self._absent(entry, remote, address)
        size = part.size
        self.bytes_left -= max(0, size - begun)
        fresh = CachedFile(
            url=entry.url, source=source, sha256=part.digest("sha256"), size=size,
            etag=part.version.etag, modified=part.version.modified, checksum=checksum,
            fetched=now(),
        )  # fmt: skip
        entry.keep(part, fresh)
        return fresh

    def _absent(self, entry: CacheEntry, remote: Remote, address: str) -> CachedFile:
        if not remote.absent:
            remedy = (
                "There is no such file (status 404). Its address may have changed, or nothing is "
                "published for this place or date; give the layer another date, a url or a path."
            )
            raise DataError(f"file {remote.name}", redact(address), remedy)
        none = CachedFile(
            url=entry.url, source=redact(address), sha256="", size=0, etag="", modified="",
            checksum="", fetched=now(),
        )  # fmt: skip
        entry.note(none)
        return none

    def _complete(
        self, address: str, part: Partial, remote: Remote, cached: CachedFile | None
    ) -> tuple[int, str, str]:
        """Status, address in the end and published hash of a part that is whole and right.

        A part put together from several answers, or a file that changes at its host, may be wrong
        by chance: it is fetched once more.
        """
        request = self._request(address, remote, {} if part.size else _conditions(cached))
        while True:
            outcome = Outcome(url=redact(address), status=200)
            if not part.complete:
                outcome = self._transfer(part, remote).run(request)
            if outcome.status != 200:
                return outcome.status, outcome.url, ""
            try:
                check_whole(part.path, remote.kind, name=remote.name)
                return 200, outcome.url, self._verify(part, remote, outcome.url)
            except DataError:
                again = part.resumed or (bool(remote.checksum) and remote.changes)
                part.drop()
                if not again:
                    raise
                remote = replace(remote, changes=False)
                self.say(f"{remote.name} is not what its host publishes; once more from its start")

    def _transfer(self, part: Partial, remote: Remote) -> Transfer:
        return Transfer(
            web=self.web, part=part, patience=self.patience.fresh(),
            meter=self.meter(remote.name), check=self.check, say=self.say,
        )  # fmt: skip

    def _request(self, address: str, remote: Remote, conditions: Mapping[str, str]) -> Request:
        return Request(
            url=address, name=remote.name, kind=remote.kind, target=self.cache / remote.name,
            most_bytes=self.bytes_left, hash_known=bool(remote.sha256 or remote.checksum),
            conditions=conditions,
        )  # fmt: skip

    def _verify(self, part: Partial, remote: Remote, source: str) -> str:
        """The published hash of a part, which agrees with it; empty where there is none."""
        if remote.sha256:
            digest = part.digest("sha256")
            if digest != remote.sha256:
                remedy = (
                    f"The study wants {remote.sha256[:12]}: the host has another version by now, "
                    "or it was altered. Give the sha256 and date of the one that is meant."
                )
                raise DataError(f"file {remote.name}, sha256", digest[:12], remedy)
            return f"sha256 {digest}"
        if not remote.checksum:
            return ""
        published = self._published_hash(part, remote, f"{source}.{remote.checksum}")
        digest = part.digest(remote.checksum)
        if digest != published:
            remedy = f"Its host publishes {published}. Fetch it again later, or name a mirror."
            raise DataError(f"file {remote.name}, {remote.checksum}", digest, remedy)
        return f"{remote.checksum} {digest}"

    def _published_hash(self, part: Partial, remote: Remote, address: str) -> str:
        """The hash that lies beside a file."""
        home = part.path.parent / "checksum"
        home.mkdir(exist_ok=True)
        beside = Partial(home)
        beside.drop()
        name = f"{remote.name}.{remote.checksum}"
        request = Request(url=address, name=name, kind="csv", target=self.cache / name,
                          most_bytes=_CHECKSUM_BYTES, hash_known=True)  # fmt: skip
        try:
            outcome = self._transfer(beside, replace(remote, name=name)).run(request)
            text = beside.path.read_text("ascii", "replace") if outcome.status == 200 else ""
        finally:
            beside.drop()
            with suppress(OSError):
                home.rmdir()
        match = _MD5.search(text)
        if match is None:
            remedy = (
                "The host publishes no checksum there, and the file was not kept. Name another "
                "mirror, or give its sha256 in the area file."
            )
            raise DataError(f"file {name}", text[:40] or f"status {outcome.status}", remedy)
        return match[1].lower()


def _conditions(cached: CachedFile | None) -> dict[str, str]:
    """Headers by which a host need not send what is cached already."""
    if cached is None or cached.absent:
        return {}
    if cached.etag:
        return {"if-none-match": cached.etag}
    return {"if-modified-since": cached.modified} if cached.modified else {}


def _with_copy(
    error: UnreachableError | DataError, cached: CachedFile | None
) -> UnreachableError | DataError:
    """An error whose remedy also mentions the cached copy."""
    if cached is None or cached.absent or not isinstance(error, UnreachableError):
        return error
    remedy = f"{error.remedy} The cache has a copy of {cached.fetched[:10]}: --offline takes it."
    return UnreachableError(error.field, error.value, remedy)
