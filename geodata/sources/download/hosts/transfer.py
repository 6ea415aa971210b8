"""One file from one host: resumed where it broke off, and tried again where that may help.

The part that has come lies in a directory of its own and is whole only when as many bytes are
there as the host announced. A part is gone on with by ``Range``, and by ``If-Range`` where the
host tells versions apart surely; where it does not, what it says of the rest is compared with
what it said of the part. The caller checks the content of the file.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from geodata.computing.tasks import Check, unhindered
from geodata.errors import DataError, InputError, UnreachableError
from geodata.sources.download.hosts.kinds import BEGINNING, KINDS, check_beginning
from geodata.sources.download.hosts.partial import Partial, Version
from geodata.sources.download.hosts.patience import Patience, retry_after
from geodata.sources.download.hosts.web import Answer, PassingError, Web
from geodata.sources.fetched.addresses import host_of, redact

CHUNK = 1 << 16
PROGRESS_BYTES = 1 << 16
"""Bytes that have to come between two failures for these to be counted from one again."""
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)
_TOTAL_SIZE = re.compile(r"bytes \*/(\d{1,18})", re.ASCII)
_PASSING = (408, 425, 429, 500, 502, 503, 504)
_GONE = (404, 410)


@dataclass(frozen=True, kw_only=True)
class Request:
    """The requested file.

    Parameters
    ----------
    url
        Address at which the file is asked.
    name
        Name in errors.
    kind
        What it has to be: a key of `geodata.sources.download.hosts.kinds.KINDS`.
    target
        Path that errors name when the disk is full.
    most_bytes
        Bytes at most.
    hash_known
        Whether its hash is known, so that a wrong part would be seen.
    conditions
        ``If-None-Match`` or the like of a copy that is there, by header.
    """

    url: str
    name: str
    kind: str
    target: Path
    most_bytes: int
    hash_known: bool = False
    conditions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Outcome of a request.

    Parameters
    ----------
    url
        Address that gave the file in the end, without name, password and query.
    status
        200 where the part is whole, 304 where the copy that is cached is the newest, 404 where
        there is no such file.
    """

    url: str
    status: int


class _StaleError(Exception):
    """The part is of another version than the host has by now, and was dropped."""


Meter = Callable[[int, int | None], None]
"""Told how many bytes are there, and of how many."""


@dataclass(kw_only=True)
class Transfer:
    """One file on its way.

    Parameters
    ----------
    web, part, patience
        Connections to hosts, where the file goes, and how long to wait.
    meter
        Called after every chunk.
    check
        Called often, to end the transfer by an error.
    say
        Called with a line of text while it waits.
    """

    web: Web
    part: Partial
    patience: Patience = field(default_factory=Patience)
    meter: Meter = lambda _size, _total: None
    check: Check = unhindered
    say: Callable[[str], None] = lambda _: None

    def run(self, request: Request) -> Outcome:
        """Request the file until it is complete, absent or given up.

        Raises
        ------
        UnreachableError
            When the host cannot be reached, goes on breaking off, or refuses.
        DataError
            When the host sends another part than the request names.
        OSError
            When the disk is full or fails; the part received so far stays.
        """
        failures, furthest = 0, self.part.size
        while True:
            try:
                return self._once(request)
            except _StaleError:
                failures += 1
                if failures > self.patience.tries:
                    raise self._out_of_patience(request, "The file changes all the time.") from None
            except PassingError as error:
                failures += 1
                if self.part.size - furthest >= PROGRESS_BYTES:
                    failures, furthest, self.patience.spent = 1, self.part.size, 0.0
                if failures > self.patience.tries:
                    raise self._given_up(request, error) from error
                self.say(f"{error.value}: {error.remedy.partition('.')[0]}; asking again")
                host = str(error.value)
                if not self.patience.wait(host, failures, error.seconds, self.check):
                    raise self._given_up(request, error) from error

    def _given_up(self, request: Request, error: PassingError) -> UnreachableError:
        size, total = self.part.size, self.part.version.total
        if not size:
            return UnreachableError(error.field, error.value, error.remedy)
        total_text = f" of {total / 1e6:,.1f}" if total else ""
        kept = f"{size / 1e6:,.1f}{total_text} MB of {request.name} are kept"
        return UnreachableError(
            error.field, error.value, f"{error.remedy} {kept}; the next call goes on from there."
        )

    def _out_of_patience(self, request: Request, words: str) -> UnreachableError:
        return UnreachableError("host", host_of(request.url), f"{words} Try again later.")

    def _once(self, request: Request) -> Outcome:
        headers, size = dict(request.conditions), self.part.size
        if size and not self._resumable(request):
            self.part.drop()
            size = 0
        if size:
            headers = {"range": f"bytes={size}-"}
            if self.part.version.strong:
                headers["if-range"] = self.part.version.strong
        with self.web.open(request.url, headers=headers) as answer:
            outcome = Outcome(url=redact(answer.url), status=200)
            if answer.status == 304 and request.conditions:
                return Outcome(url=outcome.url, status=304)
            if answer.status in _GONE:
                return Outcome(url=outcome.url, status=404)
            if answer.status == 416 and size:
                self._past_end(answer)
                return outcome
            if answer.status == 206 and size:
                self._append(answer, request)
            elif answer.status == 200:
                self._start_over(answer, request)
            else:
                raise _refusal(answer, request)
            return outcome

    def _resumable(self, request: Request) -> bool:
        version = self.part.version
        return not version.encoded and (version.known or request.hash_known)

    def _past_end(self, answer: Answer) -> None:
        """The host has nothing more: the part is whole, or of another version."""
        match = _TOTAL_SIZE.fullmatch(answer.header("content-range"))
        if match is None or int(match[1]) != self.part.size:
            self.part.drop()
            raise _StaleError
        self.part.learn(self.part.size)

    def _append(self, answer: Answer, request: Request) -> None:
        match = _RANGE.fullmatch(answer.header("content-range"))
        total = int(match[3]) if match and match[3] != "*" else None
        version = Version.of(answer, total)
        same = self.part.version.agrees(version)
        if match is None or int(match[1]) != self.part.size or not same:
            self.part.drop()
            raise _StaleError
        self.part.learn(total)
        self._write(answer, request, chunks=self._chunks(answer))

    def _start_over(self, answer: Answer, request: Request) -> None:
        """The whole file: nothing has come yet, or it has changed, or the host knows no parts."""
        chunks = self._chunks(answer)
        version = Version.of(answer, answer.length)
        if version.encoded:
            chunks = _decoded(chunks, answer, request)
        elif not answer.bounded and not request.hash_known and not KINDS[request.kind].ends:
            remedy = (
                "The host does not say how long it is, so that nobody could tell whether all came. "
                "Give its sha256 in the area file, or name a mirror."
            )
            raise DataError(f"file {request.name}", "length", remedy)
        beginning = b""
        for chunk in chunks:
            beginning += chunk
            if len(beginning) >= BEGINNING:
                break
        # Before the part is dropped for it: it may be the login page of a hotel.
        check_beginning(beginning[:BEGINNING], request.kind, name=request.name)
        self._refuse_size(version.total, request)
        self.part.drop()
        self.part.begin(version)
        self._write(answer, request, chunks=_after(beginning, chunks))
        if version.encoded or version.total is None:
            self.part.version = Version()
            self.part.learn(self.part.size)

    def _write(self, answer: Answer, request: Request, *, chunks: Iterator[bytes]) -> None:
        total = self.part.version.total
        self._refuse_size(total, request)
        self.part.require_room(total, request.target)
        with self.part.open() as file:
            size = self.part.size
            for chunk in chunks:
                _write_all(file, chunk, request)
                size += len(chunk)
                self._refuse_size(size, request)
                self.meter(size, total)
                self.check()
        if total is not None and size < total:
            raise PassingError("host", host_of(answer.url), "It broke the connection off.")
        if total is not None and size > total:
            self.part.drop()
            raise _StaleError

    def _chunks(self, answer: Answer) -> Iterator[bytes]:
        while chunk := answer.read(CHUNK):
            yield chunk

    def _refuse_size(self, size: int | None, request: Request) -> None:
        if size is not None and size > request.most_bytes:
            remedy = (
                f"It is larger than the {request.most_bytes / 1e6:,.0f} MB that are left of the "
                "limit; raise that with --most, or fetch fewer layers."
            )
            raise InputError(f"file {request.name}", f"{size / 1e6:,.0f} MB", remedy)


def _write_all(file: object, chunk: bytes, request: Request) -> None:
    view = memoryview(chunk)
    try:
        while view:
            view = view[file.write(view) :]  # type: ignore[attr-defined]
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(request.target)) from error


def _after(beginning: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    if beginning:
        yield beginning
    yield from chunks


def _decoded(chunks: Iterator[bytes], answer: Answer, request: Request) -> Iterator[bytes]:
    """Content of a host that encodes although it was asked not to."""
    encoding = answer.header("content-encoding").lower()
    if encoding not in ("gzip", "x-gzip"):
        remedy = "The host sends it encoded so, although asked not to. Name a mirror."
        raise DataError(f"file {request.name}, content-encoding", encoding, remedy)
    decoder = zlib.decompressobj(wbits=31)
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                yield decoder.decompress(rest, CHUNK)
                rest = decoder.unconsumed_tail
    except zlib.error as error:
        remedy = "What the host sends is broken. Name a mirror, or try again later."
        raise DataError(f"file {request.name}, content-encoding", encoding, remedy) from error
    if not decoder.eof:
        raise PassingError("host", host_of(answer.url), "It broke the connection off.")


def _refusal(answer: Answer, request: Request) -> UnreachableError:
    """What is said of a host that answers something else than a file."""
    host = host_of(answer.url)
    if answer.status in _PASSING:
        busy = "It is asked too often" if answer.status == 429 else "It cannot answer now"
        seconds = retry_after(answer.header("retry-after"))
        remedy = f"{busy} (status {answer.status}). Try again later."
        return PassingError("host", host, remedy, seconds)
    words = {
        401: "It asks for a name and password; write them into the url of the layer.",
        403: "It does not hand this file out. Name a mirror, or fetch it by hand and give a path.",
        407: "A proxy on the way asks for a name and password; write them into HTTPS_PROXY.",
    }
    remedy = words.get(answer.status, "That is no answer to go on with. Name a mirror.")
    return UnreachableError(f"host {host}, file {request.name}", f"status {answer.status}", remedy)
