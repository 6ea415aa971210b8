"""KML of Google Earth and GPX of navigation devices.

Only what is written in the file counts: links, such as KML's NetworkLink, are not followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
import shapely

from geodata.errors import DataError
from geodata.formats.text.xml_file import DoctypeError, XmlError, root_of
from geodata.sources.userfiles.layer import MOST_ROWS, UserLayer, columns_of
from geodata.sources.userfiles.source import Source

_LINES = ("LineString", "LinearRing")
_WRITE = {
    "kml": "Write coordinates as longitude,latitude, with blanks only between positions.",
    "gpx": 'Write degrees with a decimal point, such as lat="15.5" lon="-88.1".',
}
# Columns that a format has by itself, which Google Earth and QGIS show and fill.
_KML_WORDS = ("name", "description")
_KML_DATES = {"when": "when", "begin": "when"}
"""Columns of the dates of KML: that of a time, and the first one of a span."""
_KML_OTHERS = ("Placemark", "LookAt", "Camera")
"""Elements in a placemark whose dates and names are not its own."""
_GPX_WORDS = ("name", "time", "desc", "type", "sym")
_FEW = "Give a line two positions or more, and a ring four."
_EMPTY = shapely.GeometryCollection()

Record = dict[str, Any]


def read_kml(source: Source) -> UserLayer:
    """Placemarks of a KML file, whichever folder they are in.

    Raises
    ------
    InputError, DataError, OSError
        When it cannot be read; the message names the placemark by its number.
    """
    root = _root(source, "kml")
    marks = [element for element in root.iter() if _name(element) == "Placemark"]
    if not marks:
        linked = any(_name(element) == "NetworkLink" for element in root.iter())
        hint = " It only links to another file, and links are not followed." if linked else ""
        raise source.refusal(f"It has no placemarks.{hint}")
    return _layer(marks, source, tag="kml", shape=_placemark, record=_kml_record)


def read_gpx(source: Source) -> UserLayer:
    """Waypoints, routes or tracks of a GPX file: the kind that is there, or the one named.

    Raises
    ------
    InputError, DataError, OSError
        When it cannot be read, or there are several kinds and none is named.
    """
    root = _root(source, "gpx")
    kinds = {"waypoints": "wpt", "routes": "rte", "tracks": "trk"}
    there = {
        kind: elements
        for kind, tag in kinds.items()
        if (elements := [each for each in root if _name(each) == tag])
    }
    chosen = there[source.one_layer(list(there))]
    return _layer(chosen, source, tag="gpx", shape=_gpx_shape, record=_gpx_record)


def _root(source: Source, tag: str) -> Element:
    """The root of an XML file."""
    try:
        root = root_of(source.read())
    except DoctypeError:
        raise source.refusal("It has a document type (DOCTYPE); take it out.") from None
    except XmlError as error:
        raise source.refusal(f"It is no {tag.upper()} ({error}). Save it again.") from error
    if _name(root) != tag:
        raise source.refusal(f"It is no {tag.upper()}: its root is {_name(root)[:40]!r}.")
    return root


def _layer(
    elements: list[Element],
    source: Source,
    *,
    tag: str,
    shape: Callable[[Element], Any],
    record: Callable[[Element], Record],
) -> UserLayer:
    if len(elements) > MOST_ROWS:
        raise source.refusal(f"It has more than {MOST_ROWS:,} features; give fewer.")
    rows = [f"feature {number}" for number in range(1, len(elements) + 1)]
    shapes = np.empty(len(elements), object)
    for at, element in enumerate(elements):
        try:
            shapes[at] = shape(element)
        except (ValueError, RecursionError, shapely.errors.GEOSException) as error:
            where = f"{source.path.name}, {rows[at]}, geometry"
            remedy = _WRITE[tag] if isinstance(error, _PositionError) else _FEW
            raise DataError(where, str(error)[:60], remedy) from error
    columns = columns_of([record(element) for element in elements])
    shapes = np.asarray(shapely.force_2d(shapes), object)
    return UserLayer(name=source.path.name, rows=rows, shapes=shapes, columns=columns)


def _placemark(mark: Element) -> Any:
    """The geometry of a placemark, None where it has none."""
    parts = [part for part in map(_geometry, mark) if part is not None]
    return shapely.GeometryCollection(parts) if len(parts) > 1 else next(iter(parts), None)


def _geometry(element: Element) -> Any:
    name = _name(element)
    if name == "Point":
        return shapely.MultiPoint(_positions(element))
    if name in _LINES:
        return shapely.LineString(_positions(element))
    if name == "Polygon":
        rings = {
            side: [_positions(each) for each in element if _name(each) == f"{side}BoundaryIs"]
            for side in ("outer", "inner")
        }
        return shapely.Polygon(rings["outer"][0], rings["inner"]) if rings["outer"] else _EMPTY
    if name == "Track":
        places = [each.text or "" for each in element if _name(each) == "coord"]
        track = [_position(text.split()) for text in places]
        # One that has just begun holds a point.
        return shapely.Point(track[0]) if len(track) == 1 else shapely.LineString(track)
    if name in ("MultiGeometry", "MultiTrack"):
        parts = [_geometry(child) for child in element]
        return shapely.GeometryCollection([part for part in parts if part is not None])
    return None


def _positions(element: Element) -> list[tuple[float, float]]:
    rings = (ring for ring in element if _name(ring) == "LinearRing")
    parts = (part for home in (element, *rings) for part in home)
    texts = [part.text or "" for part in parts if _name(part) == "coordinates"]
    return [_position(text.split(",")) for text in " ".join(texts).split()]


class _PositionError(ValueError):
    """A text that is no position."""


def _position(parts: list[str]) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in parts[:2])
    except ValueError:
        raise _PositionError(",".join(parts)) from None
    if len(parts) > 3:
        raise _PositionError(",".join(parts))
    return x, y


def _kml_record(mark: Element) -> Record:
    record: Record = {}
    for element in _within(mark):
        name, label = _name(element), element.get("name")
        if name == "Data" and label:
            value = next((each.text for each in element if _name(each) == "value"), None)
            record[label] = value
        elif name == "SimpleData" and label:
            record[label] = element.text
        elif name in _KML_DATES:
            record.setdefault(_KML_DATES[name], element.text)
        elif name in _KML_WORDS:
            record.setdefault(name, element.text)
    return record


def _within(mark: Element) -> Iterator[Element]:
    """Elements of a placemark in their order, without those that tell of something else."""
    waiting = [mark]
    while waiting:
        element = waiting.pop()
        yield element
        waiting.extend(child for child in reversed(element) if _name(child) not in _KML_OTHERS)


def _gpx_shape(element: Element) -> Any:
    if _name(element) == "wpt":
        return shapely.Point(_gpx_position(element))
    route = _name(element) == "rte"
    segments = [] if route else [each for each in element if _name(each) == "trkseg"]
    parts = [_gpx_line(element, "rtept")] if route else [_gpx_line(s, "trkpt") for s in segments]
    if lines := [part for part in parts if len(part) > 1]:
        return shapely.LineString(lines[0]) if route else shapely.MultiLineString(lines)
    # A course of a single point is where somebody was.
    points = [point for part in parts for point in part]
    return shapely.Point(points[0]) if len(points) == 1 else shapely.MultiPoint(points)


def _gpx_line(element: Element, tag: str) -> list[tuple[float, float]]:
    return [_gpx_position(each) for each in element if _name(each) == tag]


def _gpx_position(element: Element) -> tuple[float, float]:
    return _position([element.get("lon", ""), element.get("lat", "")])


def _gpx_record(element: Element) -> Record:
    """Words of GPX, and what a program adds, such as the columns of a layer saved in QGIS."""
    record = {name: each.text for each in element if (name := _name(each)) in _GPX_WORDS}
    added = (each for part in element if _name(part) == "extensions" for each in part.iter())
    for each in added:
        if not len(each) and _name(each) != "extensions":
            record.setdefault(_name(each), each.text)
    return record


def _name(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]
