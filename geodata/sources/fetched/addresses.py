"""Addresses: checks, forms without secrets, and rules for redirects."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from geodata.errors import DataError, InputError

SCHEMES = ("https", "http")
DATABASES = ("postgresql", "postgres", "postgis")
"""Schemes of PostGIS, perhaps with a driver behind a plus sign, as SQLAlchemy writes it."""
_UNSAFE = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}]")
_NAME = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST_NAME = 120


def check_address(url: str, *, field: str) -> str:
    """An address without its fragment; addresses without a web host are refused.

    Raises
    ------
    InputError
        When `url` is not an address of the web.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise InputError(field, redact(url), _NO_ADDRESS) from None
    if parts.scheme.lower() not in SCHEMES or not parts.hostname or _UNSAFE.search(url):
        raise InputError(field, redact(url), _NO_ADDRESS)
    return urlunsplit(parts._replace(fragment=""))


_NO_ADDRESS = "Give an address such as https://example.org/roads.osm.pbf; no other kind is asked."


def has_parts(url: str) -> bool:
    """Whether an address can be taken apart, whatever its scheme."""
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def redact(url: str) -> str:
    """An address for messages and records: without name, password and query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.partition("?")[0].rpartition("@")[2]
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host, query="", fragment=""))


def source_key(url: str, *, table: str = "") -> str:
    """What identifies the files of an address: it, redacted, with a hash in place of its query.

    Parameters
    ----------
    table
        The table of a database; it plays no part in other addresses.
    """
    query = urlsplit(url).query
    mark = f"?{hashlib.sha256(query.encode()).hexdigest()[:12]}" if query else ""
    own = f"#{table_name(table)}" if is_database(url) else ""
    return f"{redact(url)}{mark}{own}"


def is_database(text: str) -> bool:
    """Whether an address is that of a PostGIS database.

    Examples
    --------
    >>> from geodata.sources.fetched.addresses import is_database
    >>> is_database("postgresql://db.example.org/gis"), is_database("https://example.org/a.gpkg")
    (True, False)
    """
    scheme, colon, _ = text.partition("://")
    return bool(colon) and scheme.lower().partition("+")[0] in DATABASES


def table_name(table: str) -> str:
    """Name for the file of a table: letters, digits, dots and dashes; of a query, its hash."""
    plain = _NAME.sub("-", table).strip(".-")
    if plain == table and len(plain) <= LONGEST_NAME:
        return plain or "table"
    return f"query-{hashlib.sha256(table.encode()).hexdigest()[:12]}"


@dataclass(frozen=True)
class Database:
    """The address of a database in the form that its library takes.

    Parameters
    ----------
    url
        With name and password, where the study gives them.
    """

    url: str

    @classmethod
    def of(cls, address: str) -> Database:
        """From an address as a study gives it."""
        return cls(f"postgresql://{address.partition('://')[2]}")

    def without_secrets(self, text: str) -> str:
        """A text without passwords."""
        rest = self.url.partition("://")[2]
        who = rest.partition("/")[0].rpartition("@")[0]
        written = [who.partition(":")[2], *_PASSWORDS.findall(rest)]
        secrets = {each for one in written for each in (one, unquote(one)) if each}
        for secret in sorted(secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


_PASSWORDS = re.compile(r"[?&](?:ssl)?password=([^&#]*)")


def credentials(url: str) -> tuple[str, str]:
    """An address without its name and password; and these, as ``name:password`` or nothing."""
    parts = urlsplit(url)
    who, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=host)), unquote(who) if at else ""


def host_of(url: str) -> str:
    """Host and port of an address, to be shown."""
    return urlsplit(url).netloc.rpartition("@")[2]


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: a password is sent again only where all three are the same."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, (parts.hostname or "").lower(), port


def file_name(url: str) -> str:
    """Name for the file of an address."""
    return plain_name(unquote(PurePosixPath(urlsplit(url).path).name))


def plain_name(text: str) -> str:
    """A name of letters, digits, dots, dashes and underscores, with no dot or dash before."""
    return _NAME.sub("-", text)[-LONGEST_NAME:].lstrip(".-") or "download"


def next_address(
    current: str, location: str, *, proxied: Callable[[str], bool] = lambda _: False
) -> str:
    """Address to which an answer redirects.

    Parameters
    ----------
    proxied
        Whether a proxy asks for an address: its name cannot be looked up here then.

    Raises
    ------
    DataError
        When the new address is not of the web, is less safe, or is in a private network and the old
        one is not.
    """
    url = quote(urljoin(current, location), safe="/:?#[]@!$&'()*+,;=%~-._")
    try:
        url, _ = credentials(check_address(url, field="redirect"))
    except InputError:
        raise _redirect(current, url, "no address of the web") from None
    if urlsplit(current).scheme == "https" and urlsplit(url).scheme != "https":
        raise _redirect(current, url, "an address without encryption")
    if is_private(url, resolves=not proxied(url)) and not is_private(
        current, resolves=not proxied(current)
    ):
        raise _redirect(current, url, "an address in a private network")
    return url


def _redirect(current: str, url: str, what: str) -> DataError:
    remedy = f"It sends on to {what}, {redact(url)}, which is not followed. Name another mirror."
    return DataError(f"address {redact(current)}", "redirect", remedy)


def is_private(url: str, *, resolves: bool = True) -> bool:
    """Whether an address is of this machine or a network that others cannot see."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not _public(host)
    except ValueError:
        pass
    if not resolves:
        return False
    try:
        entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return any(not _public(str(entry[4][0]).partition("%")[0]) for entry in entries)


def _public(text: str) -> bool:
    number = ipaddress.ip_address(text)
    return (getattr(number, "ipv4_mapped", None) or number).is_global


@dataclass(frozen=True)
class Mirrors:
    """Where files are asked for instead of at their own host.

    Parameters
    ----------
    places
        Beginnings of addresses by the beginning that they take the place of, the best first.
    """

    places: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def parse(cls, texts: Sequence[str]) -> Mirrors:
        """Mirrors from texts such as ``download.geofabrik.de=https://mirror.example.org/osm``.

        Raises
        ------
        InputError
            When a text is not such a pair.
        """
        places: dict[str, list[str]] = {}
        for text in texts:
            start, equals, mirror = text.partition("=")
            if not equals or not start:
                remedy = "Write HOST=ADDRESS: download.geofabrik.de=https://mirror.example.org/osm."
                raise InputError("mirror", redact(text), remedy)
            check_address(mirror, field="mirror")
            places.setdefault(_bare(start).rstrip("/"), []).append(mirror.rstrip("/"))
        return cls(places)

    def of(self, url: str) -> list[str]:
        """Addresses to ask in turn for one: those of its mirrors, or itself."""
        text = _bare(url)
        for start in sorted(self.places, key=len, reverse=True):
            if text == start or text.startswith(f"{start}/"):
                return [mirror + text.removeprefix(start) for mirror in self.places[start]]
        return [url]


def _bare(url: str) -> str:
    """An address without its scheme, name and password."""
    rest = url.partition("://")[2] or url
    host, stroke, path = rest.partition("/")
    return f"{host.rpartition('@')[2].lower()}{stroke}{path}"
