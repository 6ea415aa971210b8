"""Addresses of Redis: one check for all settings, before any connection.

The library for Redis accepts any option and nearly any value, and fails only at the first
connection. Therefore only harmless options with usable values are accepted here.
"""

from __future__ import annotations

import ipaddress
import re
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from geodata.errors import InputError

if TYPE_CHECKING:
    from redis import ConnectionPool

EXAMPLES = {"queue": "redis://127.0.0.1/0", "counters": "redis://127.0.0.1/1"}

_HOST = re.compile(r"(?!.{254})[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,9}")
_LONGEST_PATH = 107
"""Bytes of the path of a socket, as Linux has it."""
_LONGEST_WAIT_SECONDS = 60
_TRUTH = "true|false|yes|no|1|0"
_WAIT = "a number of seconds above 0, 60 at most"
_TEXT, _NAME, _COUNT = "a text", "a name without blanks", "a whole number"
_OPTIONS = {
    "db": _COUNT,
    "username": _TEXT,
    "password": _TEXT,
    "client_name": _NAME,
    "protocol": "2|3",
    "socket_timeout": _WAIT,
    "socket_connect_timeout": _WAIT,
    "socket_keepalive": _TRUTH,
    "retry_on_timeout": _TRUTH,
    "health_check_interval": _COUNT,
    "decode_responses": _TRUTH,
}
_OPTIONS_OF_TLS = {
    "ssl_cert_reqs": "none|optional|required",
    "ssl_check_hostname": _TRUTH,
    "ssl_ca_certs": _TEXT,
    "ssl_ca_path": _TEXT,
    "ssl_certfile": _TEXT,
    "ssl_keyfile": _TEXT,
    "ssl_password": _TEXT,
}


def check_address(setting: str, address: str) -> None:
    """Refuse a text that is not an address of Redis; an empty one is allowed.

    Parameters
    ----------
    setting
        Name of the setting, for the error.
    address
        Its value.

    Raises
    ------
    InputError
        With the name of the setting, and never with a password.
    """
    reason = _wrong(address) if address else ""
    if reason:
        raise _refused(setting, address, reason)


def pool_of(setting: str, address: str, *, seconds: float) -> ConnectionPool:
    """Pool of connections to Redis with time limits; no connection is opened yet.

    Parameters
    ----------
    setting
        Name of the setting, for the error.
    address
        Its value.
    seconds
        Time limit, unless the address has one.

    Raises
    ------
    InputError
        When the library for that is not installed, or no connection can be of that kind.
    """
    check_address(setting, address)
    if find_spec("redis") is None:
        remedy = "Redis needs the extra: pip install 'vereda[redis]'."
        raise InputError(setting, without_password(address), remedy)
    from redis import ConnectionPool
    from redis.exceptions import RedisError

    try:
        pool = ConnectionPool.from_url(
            address, socket_connect_timeout=seconds, socket_timeout=seconds
        )
        # Values are bytes, even where the address asks for texts.
        pool.connection_kwargs["decode_responses"] = False
        # Options that no connection has are seen when one is made; it is not opened.
        pool.connection_class(**pool.connection_kwargs)
    except (ValueError, TypeError, RedisError) as error:
        raise _refused(setting, address, "of a kind that its library knows") from error
    return pool


def without_password(address: str) -> str:
    """An address as messages may show it: a password may stand before ``@`` or behind ``?``."""
    place, *options = re.split("[?#]", address, maxsplit=1)
    shown = place.rpartition("@")[2]
    # Signs that are not written as escapes, or an ``@`` that is missing: any of it may be secret.
    unsure = "@" in "".join(options) or re.search(r"^\w+://[^/\[]*:(?![0-9]*(/|$))", shown)
    return "..." if unsure else shown


def _refused(setting: str, address: str, reason: str) -> InputError:
    remedy = f"It is no address of a Redis ({reason}); give one such as {EXAMPLES[setting]}."
    return InputError(setting, without_password(address), remedy)


def _wrong(address: str) -> str:
    """What is wrong with an address; empty when nothing is."""
    try:
        address.encode()
        parts = urlsplit(address)
        _ = parts.port, parts.hostname
    except ValueError:
        return "signs of a name or password such as @ : / ? # are written as %40 and so on"
    if parts.scheme not in ("redis", "rediss", "unix"):
        return "it begins with redis://, rediss:// or unix://"
    if re.search(r"\s", address):
        return "it has no blanks; in a password they are written as %20"
    if parts.fragment:
        return "# is written as %23"
    return (_wrong_socket(parts) if parts.scheme == "unix" else _wrong_host(parts)) or (
        _wrong_options(parts)
    )


def _wrong_socket(parts: SplitResult) -> str:
    path = unquote(parts.path)
    if parts.hostname or len(path) < 2:
        return "a socket is told by its whole path, as in unix:///run/redis.sock"
    if "\0" in path or ";" in parts.path or len(path.encode()) > _LONGEST_PATH:
        return f"the path of a socket has {_LONGEST_PATH} bytes at most, and no zero byte or ;"
    return ""


def _wrong_host(parts: SplitResult) -> str:
    host = unquote(parts.hostname or "localhost")
    try:
        # As Python will write it when it asks for its address.
        usable = bool(ipaddress.ip_address(host) if ":" in host else _HOST.fullmatch(_ascii(host)))
    except ValueError:
        usable = False
    if not usable:
        return "its host is no name of one"
    if parts.port == 0:
        return "its port is 1 to 65535"
    if parts.path.strip("/") and not _NUMBER.fullmatch(parts.path.strip("/")):
        return "the database behind the host is a number"
    return ""


def _ascii(host: str) -> str:
    return host.encode("idna").decode("ascii")


def _wrong_options(parts: SplitResult) -> str:
    options = {**_OPTIONS, **(_OPTIONS_OF_TLS if parts.scheme == "rediss" else {})}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in options:
            # Not shown: it may be a part of a password.
            return f"its options may be {', '.join(options)}"
        if not _usable(value, options[name]):
            return f"{name} is {options[name].replace('|', ' or ')}"
    return ""


def _usable(value: str, what: str) -> bool:
    """Whether an option can have a value."""
    if what == _WAIT:
        try:
            return 0 < float(value) <= _LONGEST_WAIT_SECONDS
        except ValueError:
            return False
    pattern = {_COUNT: _NUMBER.pattern, _TEXT: ".+", _NAME: "[!-~]+"}.get(what, what)
    return re.fullmatch(pattern, value, re.IGNORECASE | re.DOTALL) is not None
