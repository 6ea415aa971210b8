"""Access to the service: scopes, tokens and limits on rate, checked before any request."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from geodata.errors import VeredaError
from service.access.rate_limits import Rates
from service.access.tokens import Token, Tokens
from service.state import LOOPBACK, Settings
from service.web.problems.problems import Refusal
from service.web.requests.hosts import base

logger = logging.getLogger("vereda.access")

OPEN = frozenset({"health", "ready", "map"})
"""Paths that need no token: health checks, and a page that asks for a token."""
SHIPPED = frozenset({"maplibre", "static"})
"""First parts of paths of files that come with the program, which need no token either."""
COMPUTING = frozenset({"corridors"})
"""First parts of paths whose GET computes."""
ADMIN = frozenset({"metrics"})
READING = frozenset({"GET", "HEAD", "OPTIONS"})

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="vereda"'}


class Guard:
    """Lets requests pass or refuses them.

    Parameters
    ----------
    settings
        With a file of tokens, requests need a token; without such a file, a service that other
        machines can reach allows them only to read.
    """

    def __init__(self, settings: Settings) -> None:
        self.tokens = Tokens(settings.tokens) if settings.tokens else None
        self._loopback = settings.loopback
        self._rates = Rates(settings, default=self.tokens is not None or not settings.loopback)

    def __call__(self) -> None:
        """Check the current request.

        Raises
        ------
        Refusal
            401, 403 or 429.
        """
        scope = scope_of(request.method, request.path)
        try:
            holder = self._holder(scope)
        except Refusal:
            # Requests with a wrong token count too, so that tokens cannot be guessed quickly.
            self._rates.count(scope or "read", str(request.remote_addr))
            raise
        g.token_name = holder.name if holder else None
        self._rates.count(scope or "read", holder.id if holder else str(request.remote_addr))

    def _holder(self, scope: str | None) -> Token | None:
        """Holder of the token of a request; None where the request needs none."""
        if self.tokens is None:
            if request.method not in READING and self._from_elsewhere():
                remedy = "Without tokens, pages of other origins only read. Use the page of this "
                remedy += "service, or start it with a file of tokens, see `vereda token add`."
                raise Refusal(403, "Origin", request.origin, remedy)
            if scope == "compute" and not self._loopback:
                remedy = "Without tokens this service is only read from other machines. Its owner "
                remedy += "can start it with a file of tokens, see `vereda token add`."
                raise Refusal(403, "host", base(), remedy)
            return None
        if scope is None:
            return None
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not text:
            remedy = "Send a token in the header Authorization: Bearer TOKEN."
            raise Refusal(401, "Authorization", "", remedy, headers=_CHALLENGE)
        try:
            token = self.tokens.find(text.strip())
        except LookupError as error:
            challenge = {"WWW-Authenticate": 'Bearer realm="vereda", error="invalid_token"'}
            remedy = f"{error} Ask the owner of the service for another."
            raise Refusal(401, "Authorization", "Bearer", remedy, headers=challenge) from error
        except (VeredaError, OSError) as error:
            logger.exception("tokens cannot be read")
            remedy = "The service cannot read its tokens; its owner finds the reason in its log."
            raise Refusal(503, "Authorization", "Bearer", remedy) from error
        if not token.allows(scope):
            remedy = f"This token may {' and '.join(token.scopes)}; the request needs {scope}."
            raise Refusal(403, "Authorization", token.name, remedy)
        return token

    def _from_elsewhere(self) -> bool:
        """Whether a page of another origin sends the request: it could misuse a local service.

        A foreign host name may lead to this machine too, so that its pages look like ours.
        """
        origin = request.headers.get("Origin")
        if origin is None:
            return False
        own = urlsplit(base())
        ours = not self._loopback or own.hostname in LOOPBACK
        return not ours or origin != f"{own.scheme}://{own.netloc}"


def scope_of(method: str, path: str) -> str | None:
    """Scope that a request needs; None when it needs none."""
    path = path.strip("/")
    first = path.split("/", 1)[0]
    if method == "OPTIONS":
        return None
    if method not in READING:
        return "compute"
    if first in ADMIN:
        return "admin"
    if first in COMPUTING:
        return "compute"
    open_to_all = path in OPEN or first in SHIPPED or (not path and _for_people())
    return None if open_to_all else "read"


def _for_people() -> bool:
    """Whether the request is for the start page as HTML."""
    return request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html"


def register_guard(app: Flask, guard: Guard) -> None:
    """Check every request first, and send browsers the headers that allow other origins."""
    app.before_request(guard)

    def open_writing(response: Response) -> Response:
        if guard.tokens and request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS, POST, DELETE"
        return response

    app.after_request(open_writing)
