"""The address under which a client reached the service: all links begin with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv6Address
from typing import Any

from flask import Flask, g, request

from geodata.errors import InputError

_LONGEST_NAME = 253
# Underscores are no letters of host names, and stand in many: compose names services so.
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*"
                   r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?", re.IGNORECASE)  # fmt: skip
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^\[\]:]*)(?::(?P<port>[0-9]{0,5}))?")
_ABSOLUTE = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~!$&'()*+,;=:@-]+)*/?")
_PORTS = {"http": 80, "https": 443}


def base_of(environ: Mapping[str, Any]) -> str:
    """Scheme, host and prefix of a request, without a slash at the end.

    Parameters
    ----------
    environ
        Environment of WSGI, after the headers of trusted proxies were applied.

    Raises
    ------
    InputError
        When they do not form an address for links.
    """
    scheme = str(environ["wsgi.url_scheme"]).strip().lower()
    if scheme not in _PORTS:
        raise InputError("X-Forwarded-Proto", scheme[:80], "Give http or https.")
    prefix = str(environ.get("SCRIPT_NAME", "")).strip()
    if not _PREFIX.fullmatch(prefix):
        remedy = "Give a path such as /vereda, of letters, digits and - . _ ~."
        raise InputError("X-Forwarded-Prefix", prefix[:80], remedy)
    return f"{scheme}://{_authority(environ, _PORTS[scheme])}{prefix.rstrip('/')}"


def _authority(environ: Mapping[str, Any], usual_port: int) -> str:
    """Host and port, as they are written in a link."""
    text = _named(environ)
    parts = _AUTHORITY.fullmatch(text)
    remedy = "Give a host such as vereda.example, 192.0.2.1 or [2001:db8::1], and a port."
    if parts is None:
        raise InputError("Host", text[:80], remedy)
    host, port = parts["host"].lower(), parts["port"]
    if host.startswith("["):
        try:
            # A zone is of this machine alone, and stands in no link.
            host = "" if "%" in host else f"[{IPv6Address(host[1:-1])}]"
        except AddressValueError:
            host = ""
    elif len(host) > _LONGEST_NAME or not _NAME.fullmatch(host):
        host = ""
    if not host or (port and not 1 <= int(port) <= 65535):
        raise InputError("Host", text[:80], remedy)
    return host if not port or int(port) == usual_port else f"{host}:{int(port)}"


def _named(environ: Mapping[str, Any]) -> str:
    """What the client calls the service; the address of it where a client of old says nothing."""
    absolute = _ABSOLUTE.match(str(environ.get("RAW_URI", "")))
    believed = "werkzeug.proxy_fix.orig" in environ
    if absolute and not (believed and environ.get("HTTP_X_FORWARDED_HOST")):
        # What stands in the first line goes before the header (RFC 9112, 3.2.2).
        return absolute[1]
    if "HTTP_HOST" in environ:
        return str(environ["HTTP_HOST"]).strip(" \t")
    name, port = str(environ["SERVER_NAME"]), environ["SERVER_PORT"]
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def base() -> str:
    """The address under which the client of this request reached the service."""
    return str(g.base)


def register_hosts(app: Flask) -> None:
    """Refuse requests without a valid host, before any other check."""

    def find() -> None:
        # Without an address, the problem has links without a host.
        g.base = ""
        g.base = base_of(request.environ)

    app.before_request(find)
