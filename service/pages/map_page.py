"""``/map``: the map page for browsers, with MapLibre from the package that ships it.

What the map draws, layer by layer, is in ``static/map/drawing/map.js``.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from geodata.cartography.maplibre import PX_PER_MM
from geodata.cartography.styles.network_styles import EVENT
from geodata.cartography.styles.result_styles import (
    ADMIN,
    CORRIDORS,
    EXPOSURE,
    GATEWAYS,
    NEAR_UNITS,
)
from geodata.cartography.styles.style import BORDER, COAST, INK, LAND, PAPER, SEA, Step
from geodata.errors import VeredaError
from geodata.network.credit import holders_with_licences
from geodata.network.header import VERSION
from geodata.publication.layers.licences import sources
from geodata.publication.results.reading import ServedResult
from routes.phrases import FAR_M
from routes.scenario.ends.endpoints import knows_ends
from routes.scenario.forms.scenario_form import Inputs
from routes.scenario.keys.fields import ALTERNATIVES, PROFILE, SLACK
from routes.scenario.profiles import load_profile, profile_names
from service.corridors.question import Question
from service.corridors.scenario_schema import read_body
from service.corridors.views import NAMED, ONCE, question_parameters
from service.features.bulk_views import enclosures
from service.features.collections import collections_of
from service.features.result_views import FILES
from service.pages.map_background import background_of
from service.state import State, current, make_once
from service.web.content_policy import HTML, allow
from service.web.operations import Record, content, in_path, parameter, readable
from service.web.problems.words import LANGUAGES, region_words, words
from service.web.replies.replies import GEOJSON, address, text_reply
from service.web.requests.query import Query

YEAR = 365 * 24 * 3600
MEDIA_TYPES = {"maplibre-gl.js": "text/javascript", "maplibre-gl.css": "text/css"}
"""The two files of the package that are served."""

VIEW = ("lang", "score", "view", "at")
"""Parameters of a link that say how the page shows an answer; the others ask for it."""

_TRACKERS = re.compile(
    r"(utm|mtm|pk|hsa|gad|matomo|piwik|vero)_[a-z_]+|mc_[ce]id|oly_(enc|anon)_id|_hs(enc|mi)|__hs(tc|sc|fp)"
    r"|(d|fb|g|gp|ob|tt|tw|y|ym)clid|gclsrc|(ms|tb)clkid|(ir|k)?clickid|[gw]braid|igsh(id)?|mkt_tok"
    r"|li_fat_id|sc?_cid|ScCid|rdt_cid|ck_subscriber_id|ml_subscriber(_hash)?|srsltid|epik|wickedid|dm_i"
    r"|_(ga|gl|kx|openstat)"
)
"""Names that mail programs and other sites add to a link to follow who opens it."""

blueprint = Blueprint("page", __name__)


@blueprint.get("/map")
def page() -> Response:
    """The map page; its parameters open it with a question."""
    return map_page()


@blueprint.get("/map/ground")
def ground() -> Response:
    """Land, units, lakes, borders and names as GeoJSON."""
    Query(request.args)
    return text_reply(background_of(), GEOJSON)


@blueprint.get("/maplibre/<release>/<name>")
def maplibre(release: str, name: str) -> Response:
    """MapLibre's script or style sheet; its address changes with its version."""
    Query(request.args)
    if release != version("maplibre") or name not in MEDIA_TYPES:
        raise NotFound(f"There is {' and '.join(MEDIA_TYPES)} of {version('maplibre')}.")
    media_type = f"{MEDIA_TYPES[name]}; charset=utf-8"
    plain, zipped = _shipped(name)
    pressed = bool(request.accept_encodings["gzip"])
    body = zipped if pressed else plain
    response = text_reply(body, media_type, max_age=YEAR, etag=f"{release} {name}")
    if pressed:
        response.headers["Content-Encoding"] = "gzip"
    return response


@cache
def _shipped(name: str) -> tuple[bytes, bytes]:
    """A file of the package, found without importing it; as it is, and compressed."""
    spec = importlib.util.find_spec("maplibre")
    assert spec is not None
    assert spec.origin is not None
    content = (Path(spec.origin).parent / "srcjs" / name).read_bytes()
    return content, gzip.compress(content, mtime=0)


def untracked(parameters: MultiDict[str, str]) -> MultiDict[str, str]:
    """The parameters of a page's address, without those that only say who followed a link."""
    return MultiDict((name, value) for name, value in parameters.items(multi=True)
                     if not _TRACKERS.fullmatch(name))  # fmt: skip


def map_page() -> Response:
    """The page itself; what it shows is asked of the service by the page.

    Raises
    ------
    InputError
        When its address has a parameter that no question has; values are looked at by the page,
        which says in its language what is wrong with them.
    """
    Query(untracked(request.args), (*ONCE, *VIEW), repeatable=NAMED)
    state = current()
    text = render_template(
        "map.html",
        address=address,
        languages=LANGUAGES,
        words=words("en") | region_words("en", state.network.titles),
        attributions=holders_with_licences(sources(state.network)),
        downloads=[(here, enclosures(here, measured=False)) for here in collections_of().values()],
        events="events" in collections_of(),
        results=[(result, _files(result)) for result in state.results.values()],
        maplibre=f"/maplibre/{version('maplibre')}",
        version=version("vereda"),
        settings=json.dumps(_settings(state)).replace("<", "\\u003c"),
    )
    response = text_reply(text, HTML)
    return allow(
        response,
        script_src="'self'",
        worker_src="blob:",
        connect_src="'self'",
        img_src="'self' data: blob:",
    )


def _settings(state: State) -> dict[str, Any]:
    """Settings for the scripts of the page."""
    home, known = make_once(current_app, "home", _at_home), state.known
    return {
        "root": address(""),
        "bbox": list(state.network.area.bbox),
        "profiles": {name: _title(name, home=name in home) for name in profile_names()},
        "profile": PROFILE if PROFILE in home or not home else home[0],
        # Where no shipped flow has its ends here, the page begins with ends that the network
        # knows.
        "ends": {} if home else {"from": [known.origin], "to": [known.destination]},
        "words": {name: region_words(name, state.network.titles) for name in LANGUAGES},
        "slack": SLACK.default,
        "far_m": FAR_M,
        "most": {"slack": SLACK.most, "alternatives": ALTERNATIVES.most},
        "results": [_answer(each) for each in state.results.values() if _answers(state, each)],
        "languages": list(LANGUAGES),
        "version": version("vereda"),
        "attributions": holders_with_licences(sources(state.network)),
        "colours": {
            "ink": INK, "paper": PAPER, "sea": SEA, "land": LAND, "coast": COAST, "border": BORDER,
        },
        "usage": _steps(CORRIDORS.steps),
        "gateways": _steps(GATEWAYS.steps),
        "kinds": [
            {"value": kind.value, "colour": kind.colour, "shape": kind.shape}
            for kind in GATEWAYS.kinds
        ],
        "event": {"colour": EVENT.colour, "shape": EVENT.shape},
        "scores": _steps(ADMIN.steps),
        "of_result": {
            "exposure": _steps(EXPOSURE.steps), "nearness": _steps(NEAR_UNITS.steps),
        },
    }  # fmt: skip


def _at_home(state: State) -> tuple[str, ...]:
    """The shipped profiles whose own ends are in the network."""
    return tuple(each for each in profile_names() if knows_ends(state.network, load_profile(each)))


def _title(name: str, *, home: bool) -> str:
    """What a shipped profile is called: with its ends only where they are."""
    profile = load_profile(name)
    return profile.title if home else profile.flow or profile.name


def _steps(steps: Sequence[Step]) -> list[dict[str, Any]]:
    return [
        {
            "lower": step.lower,
            "upper": step.upper,
            "colour": step.colour,
            "px": round(step.size * PX_PER_MM, 1),
        }
        for step in steps
    ]


def _files(result: ServedResult) -> list[dict[str, str]]:
    """Where the files of a result are."""
    return [
        {"name": name, "href": address(f"/results/{result.name}/{name}"), "type": kind,
         "title": title}
        for name, (kind, title) in FILES.items()
    ]  # fmt: skip


def _answer(result: ServedResult) -> dict[str, Any]:
    """Where the page finds the answer to one of its questions."""
    scenario = result.scenario
    answer = {key: scenario[key] for key in ("profile", "slack")}
    return {**answer, "name": result.name, "prefix": result.prefix}


def _answers(state: State, result: ServedResult) -> bool:
    """Whether a result is what the service would compute for a profile and a slack."""
    provenance = result.provenance
    if (provenance.get("network"), provenance.get("vereda")) != (state.network.digest, VERSION):
        return False
    try:
        texts = {name: result.scenario.get(name) for name in ("profile", "slack")}
        question = Question.of(read_body(Inputs, texts))
    except VeredaError:
        return False
    record: Record = json.loads(json.dumps(question.scenario.record()))
    return record == result.scenario


def paths(state: State) -> Record:
    """OpenAPI paths of this module."""
    text: Record = {"type": "string"}
    html, scripts = content("text/html", text), {}
    for media_type in MEDIA_TYPES.values():
        scripts.update(content(media_type, text))
    library = readable("Maps", "maplibre", "MapLibre GL JS", scripts, refusals=(400, 404, 500))
    library["get"]["parameters"] = [in_path("release", "Version"), in_path("name", "File")]
    contents = content(GEOJSON, "featureCollection")
    return {
        "/map": readable("Maps", "map", "The map page", html, parameters=_parameters(state)),
        "/map/ground": readable("Maps", "ground", "Land, water, borders and names", contents),
        "/maplibre/{release}/{name}": library,
    }


def language_parameter() -> Record:
    """In which language a page is."""
    language = {"type": "string", "enum": list(LANGUAGES)}
    return parameter("lang", "Language of the page; the browser's own when left out", language)


def _parameters(state: State) -> list[Record]:
    """Those of a question, which the page opens with, and how it shows the answer."""
    text: Record = {"type": "string"}
    return [
        *question_parameters(state),
        language_parameter(),
        parameter("score", "What districts are filled by", text),
        parameter("view", "What is shown of an edited question: change, after or before", text),
        parameter("at", "Middle and zoom of the map: LON,LAT,ZOOM", text),
    ]
