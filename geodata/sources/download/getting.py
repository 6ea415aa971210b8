"""Getting a file: from the cache, or from its host or a mirror; checked before it has a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from geodata.errors import DataError, InputError, UnreachableError
from geodata.sources.download.cache import Entry, Held
from geodata.sources.download.kinds import check_whole
from geodata.sources.download.partial import Partial, now
from geodata.sources.download.patience import Patience
from geodata.sources.download.providers import Remote
from geodata.sources.download.transfer import Meter, Outcome, Request, Transfer
from geodata.sources.download.web import Web
from geodata.sources.fetched.addresses import Mirrors, host_of, shown
from geodata.tasks import Check, unhindered

_MD5 = re.compile(r"(?:^|[\s=(])([0-9a-fA-F]{32})(?:$|[\s)*])", re.ASCII)
_CHECKSUM_BYTES = 4096
LISTING_BYTES = 1 << 26
"""Size of a list of files at most."""


@dataclass(kw_only=True)
class Getter:
    """Gets files, one after another.

    Parameters
    ----------
    web
        Whom to ask.
    cache
        Directory of the cache.
    mirrors
        Where to ask instead.
    patience
        How long each file is waited for.
    offline
        Whether nobody is asked.
    refresh
        Whether hosts are asked for newer files where the cache has one.
    left
        Bytes that may still be fetched.
    say, meter, check
        Told in words, and how far a file is; ends the work by what it raises.
    settled
        What was got in this call, by address and hash.
    """

    web: Web
    cache: Path
    mirrors: Mirrors = field(default_factory=Mirrors)
    patience: Patience = field(default_factory=Patience)
    offline: bool = False
    refresh: bool = False
    left: int
    say: Callable[[str], None] = lambda _: None
    meter: Callable[[str], Meter] = lambda _: lambda _size, _total: None
    check: Check = unhindered
    settled: dict[tuple[str, str], tuple[Path | None, Held]] = field(
        default_factory=dict, init=False
    )

    def get(self, remote: Remote) -> tuple[Path | None, Held]:
        """A file of the cache, fetched where need be; none where its provider has none there.

        It is asked for once: all layers of a call get the same version.

        Raises
        ------
        InputError
            When nobody may be asked and the cache has none, or it cannot be written.
        UnreachableError
            When neither host nor mirror hands it out.
        DataError
            When what comes is something else.
        """
        key = (remote.url, remote.sha256)
        if key not in self.settled:
            self.settled[key] = self._get(remote)
        return self.settled[key]

    def _get(self, remote: Remote) -> tuple[Path | None, Held]:
        entry = Entry(self.cache, remote.url)
        held = self._usable(entry.held(), remote)
        if self.offline and held is None:
            remedy = "The cache has no copy; fetch it without --offline, or name another --cache."
            raise InputError("offline", shown(remote.url), remedy)
        if held is None or not (self.offline or self._settled(held, remote)):
            with entry.hold(say=self.say, check=self.check):
                held = self._fetched(entry, remote, self._usable(entry.held(), remote))
        return (None if held.absent else entry.file(held)), held

    def listing(self, url: str, name: str) -> Path:
        """A list in JSON of what a host has."""
        own, self.left = self.left, LISTING_BYTES
        try:
            listed = Remote(url=url, name=name, kind="json", licence="", attribution="",
                            changes=True)  # fmt: skip
            path, _ = self.get(listed)
        finally:
            self.left = own
        assert path is not None
        return path

    def missing_bytes(self, remotes: list[Remote]) -> tuple[int, int]:
        """How many bytes are to come of some files, and of how many of them nobody knows."""
        whole = unknown = 0
        silent: set[str] = set()
        for remote in remotes:
            entry = Entry(self.cache, remote.url)
            held = self._usable(entry.held(), remote)
            if held and (self.offline or self._settled(held, remote)):
                continue
            self.check()
            address = self.mirrors.of(remote.url)[0]
            size = None
            if host_of(address) not in silent:
                try:
                    size = self._announced(address)
                except (UnreachableError, DataError):
                    silent.add(host_of(address))
            unknown += size is None
            whole += size or 0
        return whole, unknown

    def _announced(self, address: str) -> int | None:
        with self.web.open(address, method="HEAD") as answer:
            if answer.status in (404, 410):
                return 0
            return answer.length if answer.status == 200 else None

    def _usable(self, held: Held | None, remote: Remote) -> Held | None:
        """What is held, if it is what the study says it has to be."""
        other = held is not None and remote.sha256 and held.sha256 != remote.sha256
        return None if other or (held and held.absent and not remote.absent) else held

    def _settled(self, held: Held, remote: Remote) -> bool:
        """Whether there is nothing to ask for: no newer file can be there."""
        if remote.sha256:
            return True
        return not (self.refresh or remote.changes or held.absent)

    def _fetched(self, entry: Entry, remote: Remote, held: Held | None) -> Held:
        """Ask each mirror in turn, if another process has not got it meanwhile."""
        if held and self._settled(held, remote):
            return held
        addresses = self.mirrors.of(remote.url)
        for at, address in enumerate(addresses, 1):
            try:
                return self._from(address, entry, remote, held)
            except (UnreachableError, DataError) as error:
                if at == len(addresses):
                    raise _with_copy(error, held) from error
                self.say(f"{host_of(address)} fails; the next mirror is asked")
        raise AssertionError

    def _from(self, address: str, entry: Entry, remote: Remote, held: Held | None) -> Held:
        part = entry.part()
        begun = part.size
        status, source, checksum = self._checked(address, part, remote, held)
        if status == 304 and held:
            entry.note(replace(held, fetched=now()))
            return held
        if status == 404:
            return self._absent(entry, remote, address)
        size = part.size
        self.left -= max(0, size - begun)
        fresh = Held(
            url=entry.url, source=source, sha256=part.digest("sha256"), size=size,
            etag=part.version.etag, modified=part.version.modified, checksum=checksum,
            fetched=now(),
        )  # fmt: skip
        entry.keep(part, fresh)
        return fresh

    def _absent(self, entry: Entry, remote: Remote, address: str) -> Held:
        if not remote.absent:
            remedy = (
                "There is no such file (status 404). Its address may have changed, or nothing is "
                "published for this place or date; give the layer another date, a url or a path."
            )
            raise DataError(f"file {remote.name}", shown(address), remedy)
        none = Held(url=entry.url, source=shown(address), sha256="", size=0, etag="", modified="",
                    checksum="", fetched=now())  # fmt: skip
        entry.note(none)
        return none

    def _checked(
        self, address: str, part: Partial, remote: Remote, held: Held | None
    ) -> tuple[int, str, str]:
        """Status, address in the end and published hash of a part that is whole and right.

        A part put together from several answers, or a file that changes at its host, may be
        wrong by bad luck: it is fetched once more.
        """
        request = self._request(address, remote, {} if part.size else _conditions(held))
        while True:
            outcome = Outcome(url=shown(address), status=200)
            if not part.whole:
                outcome = self._transfer(part, remote).run(request)
            if outcome.status != 200:
                return outcome.status, outcome.url, ""
            try:
                check_whole(part.path, remote.kind, name=remote.name)
                return 200, outcome.url, self._agreed(part, remote, outcome.url)
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

    def _request(self, address: str, remote: Remote, held: Mapping[str, str]) -> Request:
        return Request(
            url=address, name=remote.name, kind=remote.kind, target=self.cache / remote.name,
            most=self.left, surely=bool(remote.sha256 or remote.checksum), held=held,
        )  # fmt: skip

    def _agreed(self, part: Partial, remote: Remote, source: str) -> str:
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
        published = self._published(part, remote, f"{source}.{remote.checksum}")
        digest = part.digest(remote.checksum)
        if digest != published:
            remedy = f"Its host publishes {published}. Fetch it again later, or name a mirror."
            raise DataError(f"file {remote.name}, {remote.checksum}", digest, remedy)
        return f"{remote.checksum} {digest}"

    def _published(self, part: Partial, remote: Remote, address: str) -> str:
        """The hash that lies beside a file."""
        home = part.path.parent / "checksum"
        home.mkdir(exist_ok=True)
        beside = Partial(home)
        beside.drop()
        name = f"{remote.name}.{remote.checksum}"
        request = Request(url=address, name=name, kind="csv", target=self.cache / name,
                          most=_CHECKSUM_BYTES, surely=True)  # fmt: skip
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


def _conditions(held: Held | None) -> dict[str, str]:
    """What spares a host to send what is held already."""
    if held is None or held.absent:
        return {}
    if held.etag:
        return {"if-none-match": held.etag}
    return {"if-modified-since": held.modified} if held.modified else {}


def _with_copy(
    error: UnreachableError | DataError, held: Held | None
) -> UnreachableError | DataError:
    """An error that also tells of the copy that is held."""
    if held is None or held.absent or not isinstance(error, UnreachableError):
        return error
    remedy = f"{error.remedy} The cache has a copy of {held.fetched[:10]}: --offline takes it."
    return UnreachableError(error.field, error.value, remedy)
