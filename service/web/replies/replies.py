"""Replies: JSON bodies, revalidation, and the headers that every reply carries."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, request

from geodata.network.credit import Sources
from geodata.publication.layers.licences import ADDRESSES
from service.web.content_policy import secure
from service.web.replies.conditions import PIECE, register_conditions
from service.web.requests.hosts import base

JSON = "application/json"
GEOJSON = "application/geo+json"
MAX_AGE = 300
"""Seconds for which what the network and the results say may be used unasked."""

_WORTH_ZIPPING = 1024
_LONGEST_LINKS = 2048
"""Letters of the header ``Link`` at most: proxies take few kilobytes of headers."""
_ZIPPED = (JSON, GEOJSON, "+json", "text/")
_EXPOSED = (
    "Accept-Ranges, Content-Crs, Content-Length, Content-Range, ETag, Last-Modified, Link, "
    "Location, Preference-Applied, Retry-After, Server-Timing, X-Request-ID"
)
_SENT = (
    "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, "
    "If-Unmodified-Since, Prefer, Range, X-Request-ID"
)
# No part of the service sets these itself, so that they are added without a look at the others.
OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": _EXPOSED}
"""Headers by which pages of any origin may read a reply."""
SECURE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""Security headers: browsers guess no other type, show no reply in a frame, send no referrer."""
_ALWAYS = (*OPEN.items(), *SECURE.items())
Wsgi = Callable[..., Any]
Link = dict[str, str]


def link(href: str, rel: str, title: str, media_type: str = JSON) -> Link:
    """A link object of OGC API.

    Parameters
    ----------
    href
        Address.
    rel
        Relation to the resource that has the link.
    title
        What is there, in a phrase.
    media_type
        Media type of what is there.
    """
    return {"href": href, "rel": rel, "type": media_type, "title": title}


def address(path: str, parameters: Mapping[str, object] | None = None) -> str:
    """Absolute address of a resource of this service, as the client reached it.

    Parameters
    ----------
    path
        Path below that of the service, with a slash before it.
    parameters
        Parameters of the query, by name.
    """
    query = f"?{urlencode(parameters, safe=',:/')}" if parameters else ""
    return f"{base()}{path}{query}"


def json_reply(
    record: object, media_type: str = JSON, *, links: Sequence[Link] = (), max_age: int = 0
) -> Response:
    """A record as JSON.

    Parameters
    ----------
    record
        What is sent; floats in it are finite.
    media_type
        Media type, where it is more than JSON.
    links
        As in `text_reply`.
    max_age
        As in `text_reply`.
    """
    text = json.dumps(record, ensure_ascii=False, allow_nan=False)
    return text_reply(text, media_type, links=links, max_age=max_age)


def text_reply(
    text: str | bytes,
    media_type: str,
    *,
    links: Sequence[Link] = (),
    max_age: int = 0,
    etag: str | None = None,
) -> Response:
    """A text with its entity tag.

    Parameters
    ----------
    text
        The body; a text is sent as UTF-8.
    media_type
        Media type of the body.
    links
        Repeated in the header ``Link``, as many as there is room for.
    max_age
        Seconds for which it may be used unasked; then, and at once when 0, clients ask again.
    etag
        What the text depends on, where that is not the text itself.
    """
    body = text if isinstance(text, bytes) else text.encode()
    response = Response(body, content_type=media_type)
    # Weak: compressed or not, the content is the same.
    response.set_etag(hashlib.sha256(etag.encode() if etag else body).hexdigest()[:24], weak=True)
    response.headers["Cache-Control"] = f"max-age={max_age}" if max_age else "no-cache"
    header = _link_header(links)
    if header:
        response.headers["Link"] = header
    return response


def _link_header(links: Sequence[Link]) -> str:
    """Links in short; where that is too long, without the longest ones."""
    texts = ['<{href}>; rel="{rel}"; type="{type}"'.format(**item) for item in links]
    while len(header := ", ".join(texts)) > _LONGEST_LINKS:
        texts.remove(max(texts, key=len))
    return header


def register_headers(app: Flask) -> None:
    """Let every reply be read from other origins, be compressed, and be taken as it is."""
    app.wsgi_app = partial(_with_headers, app.wsgi_app)  # type: ignore[method-assign]
    app.after_request(_in_pieces)
    app.after_request(_compress)
    app.after_request(_open_to_all)
    app.after_request(secure)
    register_conditions(app)


def _with_headers(answer: Wsgi, environ: dict[str, Any], start: Wsgi) -> Any:
    """Answer, with the headers of every reply added as they are sent: at once and unchecked.

    Parameters
    ----------
    answer
        Application of WSGI.
    """

    def begin(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        return start(status, [*headers, *_ALWAYS], *error)

    return answer(environ, begin)


def _open_to_all(response: Response) -> Response:
    """CORS: public, read-only data without cookies, so that any page may ask."""
    headers = response.headers
    if request.method == "OPTIONS":
        if not response.get_data():
            headers.pop("Content-Type", None)
        headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        headers["Access-Control-Allow-Headers"] = _SENT
        headers["Access-Control-Max-Age"] = "86400"
    return response


def _compress(response: Response) -> Response:
    """Gzip for those who ask for it; QGIS does."""
    media_type = response.mimetype or ""
    if not any(kind in media_type for kind in _ZIPPED):
        return response
    response.vary.add("Accept-Encoding")
    plain = response.direct_passthrough or "Content-Encoding" in response.headers
    if plain or not request.accept_encodings["gzip"] or response.status_code == 304:
        return response
    body = response.get_data()
    if len(body) >= _WORTH_ZIPPING:
        response.set_data(gzip.compress(body, compresslevel=4, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _in_pieces(response: Response) -> Response:
    """A long body in pieces: a client has a time for each, so that a slow one gets the whole."""
    if not response.direct_passthrough and response.is_sequence:
        body = response.get_data()
        if len(body) > PIECE:
            response.response = [body[k : k + PIECE] for k in range(0, len(body), PIECE)]
    return response


def license_links(listed: Sources) -> list[Link]:
    """Links to the licences of some sources, each with the layers that are under it."""
    links = []
    for licence, href in ADDRESSES.items():
        layers = [source["layer"] for source in listed if source["licence"] == licence]
        if layers:
            title = f"{licence}: {', '.join(layers)}"
            links.append(link(href, "license", title, "text/html"))
    return links
