"""Providers: a table of the roles that each serves, and the files that a study needs of them."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from geodata.area.box import Box
from geodata.entries.spelling import suggestion
from geodata.errors import InputError
from geodata.sources.download.providers.tiles import degree_tiles, mollweide_tiles
from geodata.sources.fetched.addresses import SCHEMES, file_name
from geodata.sources.osmnx.download import Streets


@dataclass(frozen=True, kw_only=True)
class Provider:
    """An entry of ``providers.toml``, which says what each key means.

    Examples
    --------
    >>> from geodata.sources.download.providers import PROVIDERS
    >>> PROVIDERS["glo-30"].licence
    'Copernicus DEM licence, free of charge with attribution'
    """

    name: str
    title: str
    roles: tuple[str, ...]
    by: str
    url: Mapping[str, str]
    kind: str
    licence: str
    attribution: str
    confirmed: bool
    members: tuple[str, ...] = ()
    checksum: str = ""
    changes: bool = False
    absent: str = ""
    degrees: int = 1
    year: str = ""
    date_is: str = ""
    note: str = ""
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class Extent:
    """Extent of a study.

    Parameters
    ----------
    box
        West, south, east, north; None where only its countries are known.
    countries
        ISO 3166-1 alpha-2 codes of the countries that it needs, neighbours among them.
    polygon
        File of its outline, where it has one.
    """

    box: Box | None
    countries: tuple[str, ...]
    polygon: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Query:
    """Request of a layer to a provider.

    Parameters
    ----------
    role, label
        Role of the layer, and how errors call it.
    provider
        Its name.
    selection
        What was named behind a colon: countries or extracts; empty for all that the area needs.
    date
        Date, year or release; empty for the provider's own choice.
    """

    role: str
    label: str
    provider: str
    selection: tuple[str, ...] = ()
    date: str = ""

    def refuse(self, key: str, value: object, remedy: str) -> InputError:
        """What is said of a key of the layer."""
        return InputError(f"layer {self.label}, {key}", value, remedy)


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A file of a host.

    Parameters
    ----------
    url, name
        Its address, and how it is called here.
    kind
        What it has to be: a key of `geodata.sources.download.hosts.kinds.KINDS`.
    licence, attribution, note
        Licence and holder.
    checksum
        ``md5`` where that is published beside it.
    sha256
        What it has to hold, where the study says so.
    changes
        Whether the address gives another file later.
    absent
        What it means that it is not there; empty where it must be.
    members
        Patterns of what is taken out of an archive.
    streets
        What osmnx is asked for, where it makes the file.
    """

    url: str
    name: str
    kind: str
    licence: str
    attribution: str
    note: str = ""
    checksum: str = ""
    sha256: str = ""
    changes: bool = False
    absent: str = ""
    members: tuple[str, ...] = ()
    streets: Streets | None = None

    @property
    def by_rows(self) -> bool:
        """Whether it is put together of rows that touch the area, and is no file of its host."""
        return urlsplit(self.url).scheme not in SCHEMES


def _read() -> Iterator[Provider]:
    text = files("geodata.sources.download.providers").joinpath("providers.toml").read_text("utf-8")
    for name, entry in tomllib.loads(text).items():
        roles = tuple(entry["roles"])
        url = entry.pop("url")
        urls = url if isinstance(url, dict) else dict.fromkeys(roles, url)
        members = tuple(entry.pop("members", ()))
        file = entry.pop("name", "")
        known = {**entry, "roles": roles, "url": urls, "members": members, "file": file}
        yield Provider(name=name, **known)


PROVIDERS: Mapping[str, Provider] = {provider.name: provider for provider in _read()}
"""All that are known, by name."""


def provider_of(query: Query) -> Provider:
    """The provider that a layer names.

    Raises
    ------
    InputError
        When no provider has this name, or it does not serve the role.
    """
    provider = PROVIDERS.get(query.provider)
    serving = [each.name for each in PROVIDERS.values() if query.role in each.roles]
    if provider is None:
        guess = suggestion(query.provider, PROVIDERS)
        known = ", ".join(serving) or "none; give a url or a path"
        remedy = f"{guess}Providers of {query.role}: {known}."
        raise query.refuse("provider", query.provider, remedy)
    if query.role not in provider.roles:
        known = f"one of {', '.join(serving)}" if serving else "a url or a path"
        remedy = f"It has no {query.role}; give {known}."
        raise query.refuse("provider", query.provider, remedy)
    return provider


def static_remotes(provider: Provider, query: Query, extent: Extent) -> list[Remote]:
    """Files of a provider whose addresses follow from the area.

    Raises
    ------
    InputError
        When the area lacks the box or countries that the addresses follow from.
    """
    year = _year(provider, query)
    if provider.by == "file":
        return [remote_of(provider, provider.url[query.role], name=provider.file)]
    if provider.by == "country":
        parts: Sequence[Mapping[str, str | int]] = [
            {"iso3": code.lower(), "ISO3": code}
            for code in map(alpha3, countries_of(query, extent))
        ]
    elif provider.by == "degrees":
        parts = degree_tiles(box_of(query, extent), provider.degrees)
    else:
        parts = mollweide_tiles(box_of(query, extent))
    template = provider.url[query.role]
    return [remote_of(provider, template.format(**part, year=year)) for part in parts]


def remote_of(provider: Provider, url: str, *, name: str = "", **more: str) -> Remote:
    """A file of a provider."""
    return Remote(
        url=url,
        name=name or file_name(url),
        kind=provider.kind,
        licence=more.get("licence", provider.licence),
        attribution=more.get("attribution", provider.attribution),
        note=provider.note,
        checksum=provider.checksum,
        changes=provider.changes,
        absent=provider.absent,
        members=provider.members,
    )


def _year(provider: Provider, query: Query) -> str:
    if not query.date or not provider.date_is:
        return provider.year
    year = re.fullmatch(r"(\d{4})(-\d{2}){0,2}", query.date, re.ASCII)
    if year is None:
        raise query.refuse("date", query.date, f"Give {provider.date_is}.")
    return year[1]


def box_of(query: Query, extent: Extent) -> Box:
    """The box of the area.

    Raises
    ------
    InputError
        When the area has no box.
    """
    if extent.box is None:
        remedy = f"{query.provider} is cut by coordinates; give the area a bbox or a polygon."
        raise InputError("area.bbox", None, remedy)
    return extent.box


def countries_of(query: Query, extent: Extent) -> tuple[str, ...]:
    """Countries that a layer names, or those of the area.

    Raises
    ------
    InputError
        When neither says.
    """
    codes = query.selection or extent.countries
    if not codes:
        remedy = (
            f"{query.provider} is cut by country; give the area its countries, or name them here: "
            f'provider = "{query.provider}:XA,XB".'
        )
        raise InputError("area.countries", None, remedy)
    return codes


@cache
def _countries() -> Mapping[str, str]:
    text = files("geodata.sources.download.providers").joinpath("iso3166.csv").read_text("utf-8")
    return {row["alpha2"]: row["alpha3"] for row in csv.DictReader(text.splitlines())}


def alpha3(code: str) -> str:
    """The code of three letters of a country.

    Raises
    ------
    InputError
        When there is no such country.

    Examples
    --------
    >>> from geodata.borderlands.examples import EXAMPLES
    >>> from geodata.sources.download.providers import alpha3
    >>> alpha3(EXAMPLES.country)
    'HND'
    """
    known = _countries()
    text = code.upper()
    if text in known:
        return known[text]
    if text in known.values():
        return text
    raise InputError("country", code, "Give two capital letters, such as XA (ISO 3166-1).")
