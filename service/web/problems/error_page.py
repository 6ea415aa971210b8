"""Errors as pages, for the people who meet them in a browser."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from urllib.parse import quote, urlencode, urlsplit

from flask import Response, g, render_template, request
from werkzeug.datastructures import MIMEAccept

from service.web.content_policy import HTML, allow
from service.web.problems.words import error_words, static_text, wanted_language, words

LONGEST = 500
"""Signs of the server's own words that are shown."""

_PROGRAMS = ("application/problem+json", "application/json", "application/geo+json")


def page_wanted(accepted: MIMEAccept | None = None) -> bool:
    """Whether the client would rather have a page than a problem; programs say no such thing.

    Parameters
    ----------
    accepted
        What it accepts; that of the request when it is left out.
    """
    accepted = request.accept_mimetypes if accepted is None else accepted
    return accepted.best_match((*_PROGRAMS, "text/html"), _PROGRAMS[0]) == "text/html"


def error_page(problem: Mapping[str, object], *, wait: str | None = None) -> Response:
    """A problem as a page, in the language of the visitor.

    It needs nothing else of the service, which may be what fails: its style is inside.

    Parameters
    ----------
    problem
        Members of ``application/problem+json``.
    wait
        Seconds after which to try again.
    """
    language = wanted_language()
    phrases = error_words(language)
    heading, remedy = _heading_and_remedy(problem, phrases)
    text = render_template(
        "error.html",
        language=language,
        w=phrases,
        status=problem["status"],
        heading=heading,
        reason=_reason(problem, words(language)),
        remedy=remedy,
        detail=_shortened(str(problem.get("detail") or "")),
        wait=wait,
        number=problem.get("request_id"),
        # Outside of the application nobody knows what a proxy puts before its addresses.
        root=_prefix() if "base" in g else None,
        without=_without(str(problem.get("field", ""))),
        field=problem.get("field"),
        style=_style()[0],
    )
    response = Response(text, status=int(str(problem["status"])), content_type=HTML)
    response.headers["Content-Language"] = language
    response.vary.add("Accept-Language")
    return allow(response, style_src=f"'sha256-{_style()[1]}'")


def _kind(problem: Mapping[str, object]) -> str:
    return str(problem.get("type", "")).rpartition(":")[2]


def _heading_and_remedy(
    problem: Mapping[str, object], phrases: Mapping[str, str]
) -> tuple[str, str]:
    """Heading and remedy of a problem, by its kind, its status, or the class of that.

    A request that no application saw has no number for a remedy to speak of.
    """
    status = str(problem["status"])
    keys = (f"{status}.{_kind(problem)}", status, status[0])
    key = next(key for key in keys if key in phrases)
    plain = phrases.get(f"{key}.remedy.unread") if "request_id" not in problem else None
    return phrases[key], plain or phrases[f"{key}.remedy"]


def _reason(problem: Mapping[str, object], phrases: Mapping[str, str]) -> str:
    """What the map page says of the same error, where it says more than the heading."""
    return phrases.get(f"problem.{_kind(problem)}.{problem.get('field')}", "")


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _without(field: str) -> str | None:
    """The address that was asked for, without one of its parameters; None where there is none."""
    # Only below a route: another path could lead away from here.
    if field not in request.args or request.url_rule is None:
        return None
    rest = [(name, value) for name, value in request.args.items(multi=True) if name != field]
    query = f"?{urlencode(rest)}" if rest else ""
    return f"{_prefix()}{quote(request.path)}{query}"


def _prefix() -> str:
    """Path that all addresses of the service begin with; empty where a proxy names none."""
    return urlsplit(str(g.get("base", ""))).path


@cache
def _style() -> tuple[str, str]:
    """The style sheet of the plain pages, and its hash as a content security policy names it."""
    text = static_text("landing.css")
    return text, base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
