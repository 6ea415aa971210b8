"""Streets by osmnx, as what `vereda fetch` and ``vereda build --roads osmnx:...`` get."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import shapely
from shapely.geometry.base import BaseGeometry

from geodata.area.box import ORDER, Box, box_fault
from geodata.errors import InputError
from geodata.sources.download.cache import CachedFile, CacheEntry
from geodata.sources.download.downloader import Downloader
from geodata.sources.download.hosts.partial import Partial, Version
from geodata.sources.download.providers.providers import Extent, Provider, Remote, remote_of
from geodata.sources.download.providers.tiles import halves
from geodata.sources.osmnx.download import Streets, download_streets, require_osmnx
from geodata.sources.study.outlines import read_outline

NAME = "osmnx"
SCHEME = "osmnx+"
"""Before the address of an Overpass server: a graph is asked of it by osmnx, not a file."""
MARGIN_DEGREES = 0.01
"""Around a box, so that roads that cross its edge can be cut there: about a kilometre."""
_SHARE = 5
"""Digits of degrees in the outline of a request: about a metre."""


def streets_of(provider: str, extent: Extent, *, url: str = "", field: str) -> Streets:
    """Streets that a provider ``osmnx:...`` names.

    Parameters
    ----------
    provider
        ``osmnx``, alone or before a colon and the name of a place, ``bbox`` (the area's),
        ``W,S,E,N``, ``polygon`` (the area's), or ``polygon:FILE``.
    url
        Address of the Overpass server, if not the usual one.
    field
        What messages call it.

    Raises
    ------
    InputError, DataError
        When `provider` has none of these forms, or the area has no box or polygon.
    """
    wanted = provider.partition(":")[2].strip()
    word, colon, file = wanted.partition(":")
    if wanted in ("", "bbox"):
        if extent.box is None:
            remedy = "Give the area a bbox, or the streets: osmnx:W,S,E,N or osmnx:PLACE."
            raise InputError("area.bbox", None, remedy)
        return _within(field, _boxes(extent.box), url)
    if wanted == "polygon" or (word == "polygon" and colon):
        outline = Path(file.strip()) if colon else extent.polygon
        if outline is None:
            remedy = "The area has no polygon: name a file, as osmnx:polygon:outline.geojson."
            raise InputError("area.polygon", None, remedy)
        return _within(field, [read_outline(outline)], url)
    edges = wanted.split(",")
    if len(edges) == 4 and all(_is_number(edge) for edge in edges):
        box = Box(*map(float, edges))
        fault = box_fault(box)
        if fault:
            raise InputError(field, wanted, fault)
        return _within(field, _boxes(box), url)
    if all(_is_number(edge) for edge in edges):
        raise InputError(field, wanted, f"A box is four numbers. {ORDER}.")
    return Streets(field=field, place=wanted, overpass=url)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _boxes(box: Box) -> list[BaseGeometry]:
    """A box and some more, in two where it lies across the antimeridian."""
    west, south, east, north = box
    south, north = max(south - MARGIN_DEGREES, -90.0), min(north + MARGIN_DEGREES, 90.0)
    return [
        shapely.box(left, south, right, north)
        for left, right in halves(west - MARGIN_DEGREES, east + MARGIN_DEGREES)
    ]


def _within(field: str, shapes: list[BaseGeometry], url: str) -> Streets:
    rounded = shapely.set_precision(shapes, 10.0**-_SHARE)
    return Streets(field=field, polygons=tuple(shapely.to_wkt(rounded)), overpass=url)


def osmnx_remote(
    provider: Provider, request: str, extent: Extent, *, url: str, label: str
) -> Remote:
    """The graph that a layer asks for.

    Raises
    ------
    InputError, DataError
        As `streets_of`, or when osmnx is not installed.
    """
    field = f"layer {label}, provider"
    streets = streets_of(request, extent, url=url, field=field)
    what = streets.place or "; ".join(streets.polygons)
    digest = hashlib.sha256(what.encode()).hexdigest()[:8]
    address = f"{SCHEME}{streets.server}/{quote(streets.place or 'polygon')}/{digest}"
    made = remote_of(provider, address, name=f"osmnx-{digest}.graphml")
    return replace(made, streets=streets)


def get_streets(downloader: Downloader, wanted: Remote) -> tuple[Path, CachedFile]:
    """The graph as a file of the cache, downloaded where need be.

    Raises
    ------
    InputError, DataError, UnreachableError
        As `download_streets`; and when no host may be asked and the cache has none.
    """
    return downloader.get_once(wanted.url, lambda entry: _downloaded(downloader, entry, wanted))


def _downloaded(downloader: Downloader, entry: CacheEntry, wanted: Remote) -> CachedFile:
    assert wanted.streets is not None
    require_osmnx(wanted.streets.field)
    answers = entry.home / "answers"
    if downloader.refresh:
        shutil.rmtree(answers, ignore_errors=True)
    part = Partial(entry.home)
    part.begin(Version())
    download_streets(
        wanted.streets, part.path, cache=answers, say=downloader.say, check=downloader.check
    )
    return downloader.keep(entry, part, wanted, source=wanted.streets.server)
