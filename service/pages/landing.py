"""``/``, ``/about`` and ``/health``: what this service is, for machines and for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from geodata.publication.layers.licences import attribution, attributions, sources
from routes.scenario.keys.fields import PROFILE, SLACK
from service.features.collections import collections_of
from service.pages.map_page import language_parameter, map_page, untracked
from service.pages.sketch import sketch_of
from service.state import State, current
from service.web.content_policy import HTML
from service.web.operations import MEDIA_TYPE as OPENAPI
from service.web.operations import Record, content, readable
from service.web.problems.words import LANGUAGES, number_text, region_words, wanted_language
from service.web.replies.replies import (
    GEOJSON,
    JSON,
    Link,
    address,
    json_reply,
    license_links,
    link,
    text_reply,
)
from service.web.requests.query import Query

ABOUT = (
    "Where do illicit flows and migrants cross a region by land and sea? Vereda computes corridors "
    "on a network of roads, terrain, rivers and sea, weighed by remoteness and weakness of "
    "governance."
)
"""What is said of a region of which nobody has said more."""

blueprint = Blueprint("landing", __name__)


@blueprint.get("/")
def landing() -> Response:
    """Landing page: JSON, or the map for those who prefer HTML."""
    wanted = request.accept_mimetypes.best_match([JSON, "text/html"], JSON)
    response = map_page() if wanted == "text/html" else _record()
    response.vary.add("Accept")
    return response


@blueprint.get("/about")
def about() -> Response:
    """What this service holds, as a page that needs no script."""
    Query(untracked(request.args), ("lang",))
    return _page()


@blueprint.get("/health")
def health() -> Response:
    """Whether the service is up, and on what it works."""
    Query(request.args)
    state = current()
    response = json_reply(
        {
            "status": "ok",
            "vereda": version("vereda"),
            "network": state.network.digest,
            "nodes": len(state.network.nodes),
            "links": len(state.network.links),
            "collections": list(collections_of()),
            "result_of_this_network": _same_network(state),
        }
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _same_network(state: State) -> bool | None:
    """Whether the results that are served were computed on this network; None without any."""
    if not state.results:
        return None
    digests = {result.provenance.get("network") for result in state.results.values()}
    return digests == {state.network.digest}


def _record() -> Response:
    Query(request.args)
    links = _links()
    record = {
        "title": "Vereda",
        "description": _description(current()),
        "attribution": attribution(sources(current().network)),
        "links": links,
    }
    return json_reply(record, links=links)


def _links() -> list[Link]:
    return [
        link(address("/"), "self", "This page"),
        link(address("/map"), "alternate", "The map page for people", "text/html"),
        link(address("/api"), "service-desc", "OpenAPI document", OPENAPI),
        link(address("/api"), "service-doc", "What may be asked, as a page", "text/html"),
        link(address("/about"), "about", "What this service holds, as a page", "text/html"),
        link(address("/conformance"), "conformance", "Conformance classes"),
        link(address("/collections"), "data", "Collections of features"),
        link(address("/corridors"), "related", "Corridors computed live", GEOJSON),
        link(address("/results"), "related", "Published results, file by file"),
        link(address("/health"), "status", "Whether the service is up"),
        *license_links(sources(current().network)),
    ]


def _page() -> Response:
    state, language = current(), wanted_language()
    texts = about_words(language)
    text = render_template(
        "landing.html",
        w=texts,
        language=language,
        other=next(each for each in LANGUAGES if each != language),
        region=_region(state, language),
        how=_how_to_ask(state, texts),
        description=_lead(state, language),
        address=address,
        number=lambda value, decimals=0: number_text(value, language, decimals),
        collections=collections_of().values(),
        example=address("/corridors", _example(state)),
        sketch=sketch_of(),
        results=list(state.results.values()),
        attributions=attributions(state.network),
        licences=license_links(sources(state.network)),
        version=version("vereda"),
    )
    response = text_reply(text, HTML)
    response.headers["Content-Language"] = language
    response.vary.add("Accept-Language")
    return response


@cache
def about_words(language: str) -> dict[str, str]:
    """All texts of the page of what a service holds, by key."""
    texts: dict[str, str] = json.loads(
        Path(__file__).with_name(f"about.{language}.json").read_text("utf-8")
    )
    return texts


def _region(state: State, language: str) -> str:
    """What the region is called in a language."""
    titles = state.network.titles
    own = titles.words.get(language, {}).get("region")
    return own or titles.region or state.network.area.name


def _how_to_ask(state: State, texts: Mapping[str, str]) -> Markup:
    """The sentence that says what an end may be, with its examples as code."""
    point, ports = (Markup("<code>{}</code>").format(text)
                    for text in ("LON,LAT", f"ports:{state.known.country}"))  # fmt: skip
    return Markup(texts["ask.how"]).format(point=point, ports=ports)


def _lead(state: State, language: str) -> str:
    """What is said of the region: of other languages the map page knows a sentence."""
    if language == next(iter(LANGUAGES)):
        return _description(state)
    return region_words(language, state.network.titles)["lead"]


def _description(state: State) -> str:
    return state.network.titles.about or ABOUT


def _example(state: State) -> dict[str, object]:
    """A question that the network can answer."""
    ends = {"from": state.known.origin, "to": state.known.destination}
    return {"profile": PROFILE, **ends, "slack": SLACK.default}


def paths(state: State) -> Record:
    """OpenAPI paths of this module."""
    page = content("text/html", {"type": "string"})
    return {
        "/": readable("Service", "landing", "Landing page", {**content(JSON), **page}),
        "/about": readable(
            "Service",
            "about",
            "What this service holds, as a page",
            page,
            parameters=[language_parameter()],
        ),
        "/health": readable("Service", "health", "Whether the service is up", content(JSON)),
    }
