"""Providers that are asked first which files they have: Geofabrik and geoBoundaries."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from geodata.area.box import Box
from geodata.entries.spelling import suggestion
from geodata.errors import DataError, InputError
from geodata.sources.download.downloader import Downloader
from geodata.sources.download.providers.providers import (
    Extent,
    Provider,
    Query,
    Remote,
    alpha3,
    countries_of,
    remote_of,
)
from geodata.sources.fetched.addresses import check_address, is_private

_DAY = re.compile(r"(?:20)?(\d{2})-?(\d{2})-?(\d{2})", re.ASCII)
_LATEST = "-latest.osm.pbf"
_COVERED = 0.999
"""Share of the covered part of a box that the chosen extracts have to cover."""


def listed_remotes(
    downloader: Downloader, provider: Provider, query: Query, extent: Extent
) -> list[Remote]:
    """Files of a provider that publishes a list of them.

    Raises
    ------
    InputError, DataError, UnreachableError
        When the provider does not answer, or has no file for the area.
    """
    if provider.by == "geofabrik":
        return _geofabrik(downloader, provider, query, extent)
    return [_boundaries(downloader, provider, query, code) for code in countries_of(query, extent)]


def _geofabrik(
    downloader: Downloader, provider: Provider, query: Query, extent: Extent
) -> list[Remote]:
    listing = provider.url[query.role]
    index = _index(downloader.listing(listing, "index of Geofabrik"))
    if query.selection:
        names = _extracts_named(index, query)
    elif extent.box is not None:
        names = _covering(index, extent.box, extent.countries)
    else:
        names = _of_countries(index, countries_of(query, extent))
    if not names:
        raise query.refuse("provider", query.provider, "It has no extract there; give a url.")
    return [_extract(provider, query, index[name]["properties"], listing) for name in names]


Index = Mapping[str, dict[str, Any]]


def _index(path: Path) -> Index:
    """Extracts with a PBF, by id."""
    try:
        features = json.loads(path.read_bytes())["features"]
        return {
            str(feature["properties"]["id"]): feature
            for feature in features
            if feature["properties"].get("urls", {}).get("pbf")
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        remedy = "It is not the list that Vereda knows; give each layer a url."
        raise DataError("index of Geofabrik", str(error), remedy) from error


def _codes(index: Index, name: str) -> set[str]:
    """Countries of an extract, or of the one around it that names some."""
    seen: set[str] = set()
    while name in index and name not in seen:
        seen.add(name)
        properties = index[name]["properties"]
        codes = properties.get("iso3166-1:alpha2") or [
            code[:2] for code in properties.get("iso3166-2") or ()
        ]
        if codes:
            return set(codes)
        name = str(properties.get("parent"))
    return set()


def _extracts_named(index: Index, query: Query) -> list[str]:
    """Extracts by their id, or by country."""
    names = []
    for text in query.selection:
        if text in index:
            names.append(text)
        elif re.fullmatch("[A-Z]{2}", text):
            names += _of_countries(index, (text,))
        else:
            remedy = f"{suggestion(text, index)}Give an extract or a country of Geofabrik."
            raise query.refuse("provider", text, remedy)
    return list(dict.fromkeys(names))


def _of_countries(index: Index, codes: Sequence[str]) -> list[str]:
    """For each country the extract that holds it and the fewest others."""
    names = []
    for code in codes:
        holding = [
            (len(codes_of), name)
            for name in index
            if code in (codes_of := index[name]["properties"].get("iso3166-1:alpha2") or ())
        ]
        if not holding:
            raise InputError("country", code, "Geofabrik has no extract of it; give a url.")
        _, fewest = min(holding)
        names.append(fewest)
    return list(dict.fromkeys(names))


def _covering(index: Index, box: Box, countries: Sequence[str]) -> list[str]:
    """The smallest extracts that together hold a box as far as the named countries have it."""
    import shapely
    from shapely.affinity import translate

    turned = [translate(shapely.box(*box), turn) for turn in (-360, 0, 360)]
    world = shapely.box(-180, -90, 180, 90)
    shape = shapely.union_all([shapely.intersection(part, world) for part in turned])
    touching: dict[str, tuple[float, Any]] = {}
    for name, feature in index.items():
        other = countries and not _codes(index, name) & set(countries)
        if other or not feature.get("geometry"):
            continue
        outline = shapely.make_valid(shapely.geometry.shape(feature["geometry"]))
        part = shapely.intersection(outline, shape)
        if part.area > 0:
            touching[name] = (outline.area, part)
    total_area = shapely.union_all([part for _, part in touching.values()]).area
    covered: Any = shapely.Polygon()
    names = []
    for name, (_, part) in sorted(touching.items(), key=_outline_area):
        wider = shapely.union(covered, part)
        if wider.area - covered.area > (1 - _COVERED) * total_area:
            names.append(name)
            covered = wider
        if covered.area >= _COVERED * total_area:
            break
    return sorted(names)


def _outline_area(extract: tuple[str, tuple[float, Any]]) -> float:
    _, (area, _) = extract
    return area


def _extract(
    provider: Provider, query: Query, properties: Mapping[str, Any], listing: str
) -> Remote:
    url = _listed_address(str(properties["urls"]["pbf"]), listing)
    if not query.date:
        return remote_of(provider, url)
    day = _DAY.fullmatch(query.date)
    if day is None or not url.endswith(_LATEST):
        raise query.refuse("date", query.date, f"Give {provider.date_is}.")
    dated = f"{url.removesuffix(_LATEST)}-{day[1]}{day[2]}{day[3]}.osm.pbf"
    return replace(remote_of(provider, dated), changes=False)


def _listed_address(url: str, listing: str) -> str:
    """An address that a list gives; one in a private network only where the list is in one."""
    url = check_address(url, field="address")
    if is_private(url, resolves=False) and not is_private(listing, resolves=False):
        raise DataError("address", url, "The list sends into a private network; give a url.")
    return url


def _boundaries(downloader: Downloader, provider: Provider, query: Query, code: str) -> Remote:
    listing = provider.url[query.role].format(ISO3=alpha3(code))
    about = json.loads(downloader.listing(listing, f"geoBoundaries of {code}").read_bytes())
    about = about[0] if isinstance(about, list) and about else about
    try:
        url = _listed_address(str(about["gjDownloadURL"]), listing)
    except (KeyError, TypeError) as error:
        remedy = "It says nothing of a gjDownloadURL; give the layer a url."
        raise DataError(f"geoBoundaries of {code}", str(error), remedy) from error
    holder = about.get("boundarySource") or about.get("boundarySource-1") or ""
    return remote_of(
        provider,
        url,
        licence=str(about.get("boundaryLicense") or "not stated; see geoBoundaries"),
        attribution="; ".join(filter(None, (str(holder), provider.attribution))),
    )
