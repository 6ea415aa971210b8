"""A content security policy for every reply, which limits the resources that pages may load."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response

HTML = "text/html; charset=utf-8"

_HEADER = "Content-Security-Policy"
_PAGE: Mapping[str, str] = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def allow(response: Response, **sources: str) -> Response:
    """Let a page load more than pages may: ``allow(page, worker_src="blob:")``.

    Parameters
    ----------
    response
        The page, whose header is set.
    sources
        By directive of the content security policy, with underscores; each takes the place of
        the usual one, and the rest stays closed.
    """
    directives = {name.replace("_", "-"): value for name, value in sources.items()}
    response.headers[_HEADER] = _header_value({**_PAGE, **directives})
    return response


def secure(response: Response) -> Response:
    """Limit pages to resources of this service, unless `allow` gave them more."""
    page = (response.mimetype or "").startswith("text/html")
    response.headers.setdefault(_HEADER, _header_value(_PAGE) if page else "default-src 'none'")
    return response


def _header_value(directives: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in directives.items())
