"""Words that people read, in the languages of the pages."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flask import current_app, request
from werkzeug.datastructures import LanguageAccept

from geodata.area.titles import Titles

LANGUAGES = {"en": "English", "es": "Español"}
"""By code; the first is the usual one."""
_NUMBERS = {"en": (",", ".", 4), "es": (".", ",", 5)}
"""What stands between thousands and before decimals, and from how many digits on thousands part."""
_ANYWHERE = {"en": "this region", "es": "esta región"}
"""A region that nobody has named."""


@cache
def static_text(name: str) -> str:
    """A text file of the folder of the application that browsers are sent."""
    return Path(str(current_app.static_folder), name).read_text("utf-8")


@cache
def words(language: str) -> dict[str, str]:
    """All texts of the map page in one language, by key."""
    texts: dict[str, str] = json.loads(static_text(f"words/{language}.json"))
    return texts


def region_words(language: str, titles: Titles) -> dict[str, str]:
    """Texts of the map page that name a region: those of `words` are of none.

    Parameters
    ----------
    language
        One of `LANGUAGES`.
    titles
        What a network says of its region.
    """
    own = dict(titles.words.get(language, {}))
    region = own.pop("region", titles.region) or _ANYWHERE[language]
    lead = words(language)["lead"].format(region=region)
    countries = {f"country.{code}": name for code, name in titles.countries.items()}
    return {"lead": lead, **countries, **own}


@cache
def error_words(language: str) -> dict[str, str]:
    """All texts of the pages that tell of an error, by key."""
    path = Path(__file__).parent / f"error.{language}.json"
    texts: dict[str, str] = json.loads(path.read_text("utf-8"))
    return texts


def number_text(value: float, language: str, decimals: int = 0) -> str:
    """A number in the manner of a language, as browsers write it on the map page.

    Parameters
    ----------
    value
        The number.
    language
        One of `LANGUAGES`.
    decimals
        Number of digits after the point.
    """
    between, point, least = _NUMBERS[language]
    text = f"{value:,.{decimals}f}"
    if len(text.partition(".")[0].replace(",", "").lstrip("-")) < least:
        text = text.replace(",", "")
    return text.translate({ord(","): between, ord("."): point})


def wanted_language() -> str:
    """Language of the visitor: what the address says, or else the browser."""
    return language_of(request.args.get("lang", ""), request.accept_languages)


def language_of(named: str, accepted: LanguageAccept) -> str:
    """Language of a visitor by what the address names, or else by what the browser accepts."""
    return named if named in LANGUAGES else _accepted(accepted) or next(iter(LANGUAGES))


def _accepted(accepted: LanguageAccept) -> str | None:
    """The language that a browser likes best; that of any country counts as the language."""
    ours = [(tag.replace("_", "-").partition("-")[0].lower(), share) for tag, share in accepted]
    refused = {language for language, share in ours if not share}
    # They come by how much they are liked, and the sign for all others last.
    for language, share in ours:
        if share and language in LANGUAGES:
            return language
        if share and language == "*":
            return next((other for other in LANGUAGES if other not in refused), None)
    return None
