"""Requests to hosts: proxies, redirects, and failures in plain words.

urllib3 keeps connections, speaks TLS with the certificates of the system (or those that
``SSL_CERT_FILE`` names), and reports when fewer bytes come than were announced. Its silent actions
are switched off: following redirects, trying again, decoding.
"""

from __future__ import annotations

import errno
from base64 import b64encode
from collections.abc import Mapping
from importlib.metadata import version
from typing import Self
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3 import exceptions

from geodata.computing.tasks import computed_once
from geodata.errors import DataError, InputError, UnreachableError
from geodata.sources.fetched.addresses import (
    SCHEMES,
    check_address,
    credentials,
    host_of,
    next_address,
    origin,
    redact,
)

MOST_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_ELSEWHERE = "Try later, name a mirror with --mirror, or take what the cache has with --offline."


class PassingError(UnreachableError):
    """A failure that may be over when the host is asked again.

    Parameters
    ----------
    seconds
        After which time, where the host says so.
    """

    def __init__(self, field: str, value: object, remedy: str, seconds: float | None = None):
        super().__init__(field, value, remedy)
        self.seconds = seconds


class Answer:
    """The answer of a host, whose content is still to be read.

    Parameters
    ----------
    response
        As urllib3 has it.
    url
        Address that gave it in the end, without name and password.
    proxy
        Host of the proxy, where there is one.
    """

    def __init__(self, response: urllib3.BaseHTTPResponse, url: str, proxy: str) -> None:
        self._response, self.url, self._proxy = response, url, proxy
        self.status = response.status

    def header(self, name: str) -> str:
        """A header of the answer, or nothing."""
        return (self._response.headers.get(name) or "").strip()

    @computed_once
    def length(self) -> int | None:
        """Bytes of this answer as announced."""
        text = self.header("content-length")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

    @property
    def bounded(self) -> bool:
        """Whether the end of the content can be told from a connection that breaks off."""
        return self.length is not None or "chunked" in self.header("transfer-encoding").lower()

    def read(self, most: int) -> bytes:
        """Some bytes of the content as soon as they are there; none at its end.

        Raises
        ------
        PassingError
            When the host breaks off.
        """
        try:
            return self._response.read1(most, decode_content=False) or b""
        except (exceptions.HTTPError, OSError) as error:
            raise _failure(error, self.url, self._proxy) from error

    def close(self) -> None:
        """Leave what has not been read; the connection is not used again."""
        self._response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Web:
    """Hosts, asked one at a time.

    Parameters
    ----------
    connect_seconds, silence_seconds
        How long a host may take to be reached, and to send anything.
    """

    def __init__(self, *, connect_seconds: float = 20.0, silence_seconds: float = 60.0) -> None:
        self._timeout = urllib3.Timeout(connect=connect_seconds, read=silence_seconds)
        self._pools: dict[str, urllib3.PoolManager] = {}

    def open(
        self, url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask a host; redirects are followed as far as `next_address` allows.

        Raises
        ------
        UnreachableError
            When the host cannot be reached, or its certificate is not trusted.
        DataError
            When the host redirects to an address that is not allowed, or without end.
        """
        url, password = credentials(check_address(url, field="address"))
        start, first = origin(url), url
        for _ in range(MOST_REDIRECTS):
            own = {"authorization": _basic(password)} if password and origin(url) == start else {}
            answer = self._ask(method, url, {**_HEADERS, **(headers or {}), **own})
            location = answer.header("location")
            if answer.status not in _REDIRECTS or not location:
                return answer
            answer.close()
            url = next_address(url, location, proxied=lambda address: bool(proxy_for(address)))
        remedy = f"It sends on more than {MOST_REDIRECTS} times. Name another mirror."
        raise DataError(f"address {redact(first)}", "redirect", remedy)

    def _ask(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        proxy = proxy_for(url)
        try:
            response = self._pool(proxy).request(
                method, url, headers=headers, timeout=self._timeout, retries=False,
                redirect=False, preload_content=False, decode_content=False,
            )  # fmt: skip
        except (exceptions.HTTPError, OSError) as error:
            raise _failure(error, url, proxy) from error
        return Answer(response, url, proxy)

    def _pool(self, proxy: str) -> urllib3.PoolManager:
        if proxy not in self._pools:
            self._pools[proxy] = _through(proxy) if proxy else urllib3.PoolManager()
        return self._pools[proxy]

    def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_HEADERS = {
    "user-agent": f"vereda/{version('vereda')}",
    "accept": "*/*",
    # Ask for plain bytes: parts of a compressed reply cannot be joined to the file.
    "accept-encoding": "identity",
}


def proxy_for(url: str) -> str:
    """The proxy by which a host is to be asked, from ``HTTPS_PROXY`` and its kin, or nothing."""
    proxies = getproxies()
    scheme = url.partition(":")[0]
    proxy = proxies.get(scheme) or proxies.get("all") or ""
    return "" if not proxy or proxy_bypass(host_of(url)) else proxy


def _through(proxy: str) -> urllib3.ProxyManager:
    variable = "HTTPS_PROXY"
    address = proxy if "://" in proxy else f"http://{proxy}"
    if address.partition(":")[0].lower() not in SCHEMES:
        remedy = "Only proxies with http:// or https:// are known; name one of these."
        raise InputError(variable, redact(address), remedy)
    address, password = credentials(check_address(address, field=variable))
    own = {"proxy-authorization": _basic(password)} if password else None
    return urllib3.ProxyManager(address, proxy_headers=own)


def _basic(password: str) -> str:
    """Name and password as a header holds them (RFC 7617); urllib3 takes no others than Latin-1."""
    return f"Basic {b64encode(password.encode()).decode()}"


def _failure(error: Exception, url: str, proxy: str) -> UnreachableError:
    """What is said of a connection that fails; never with a name or password in it."""
    host = host_of(url)
    if isinstance(error, exceptions.ProxyError):
        return _proxy_failure(error, host_of(proxy if "://" in proxy else f"//{proxy}"))
    if isinstance(error, exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        remedy = (
            "Its certificate is not trusted. Where a proxy of your organisation looks into "
            "connections, name the file of its certificates in SSL_CERT_FILE."
        )
        return UnreachableError("host", host, remedy)
    return PassingError("host", host, f"{_reason(error)} {_ELSEWHERE}")


def _proxy_failure(error: exceptions.ProxyError, host: str) -> UnreachableError:
    if "407" in str(error.original_error):
        remedy = (
            "It asks who you are: write HTTPS_PROXY as http://NAME:PASSWORD@HOST:PORT, or ask "
            "whoever runs it."
        )
        return UnreachableError("proxy", host, remedy)
    remedy = "This proxy cannot be reached; look at HTTPS_PROXY, or take it away."
    return PassingError("proxy", host, remedy)


def _reason(error: Exception) -> str:
    if isinstance(error, exceptions.NameResolutionError):
        return "Nobody here knows its name: is this machine connected to the internet?"
    if isinstance(error, exceptions.ReadTimeoutError | TimeoutError):
        return "It has not sent anything for too long."
    if isinstance(error, exceptions.NewConnectionError):
        cause = error.__cause__ or error.__context__
        number = getattr(cause, "errno", None)
        refused = number == errno.ECONNREFUSED or "refused" in str(error)
        return "It refuses connections." if refused else "It cannot be reached."
    if isinstance(error, exceptions.ConnectTimeoutError):
        return "It does not answer."
    if isinstance(error, exceptions.SSLError):
        return "An encrypted connection to it cannot be made."
    return "It broke the connection off."
