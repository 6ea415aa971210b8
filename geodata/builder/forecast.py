"""Forecast of a build: layers that a study would use, gaps, memory and time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.area.crs import bounds
from geodata.area.study_area import StudyArea
from geodata.errors import VeredaError
from geodata.sources.area_file import RASTERS, Layer
from geodata.sources.layers import MappedRoads
from geodata.sources.layers.schema import LAYER_OF
from geodata.sources.rasters import RasterSurvey, survey_layers
from geodata.sources.study import Note, Study
from geodata.sources.study.readers.formats import is_graphml, is_osm
from geodata.sources.study.readers.people import is_counted
from geodata.sources.vectors import crs_names

OF_ITSELF_MB, CELL_MB, LINK_MB = 450.0, 0.0072, 0.0043
"""Memory of a build: a constant, and an amount a cell of the grid and a link of the roads.

Chosen by hand to fit three builds without kept steps, and not compared with any other: the bundled
region, 165,000 cells and no mapped road, 1,640 MB (expected 1,630); a large island, 60,000 cells
and 153,000 links, 1,530 MB (1,540); a city, 7,400 cells and 6,400 links, 510 MB (530).
"""
OF_ITSELF_S, CELL_S, LINK_S = 6.0, 0.0001, 0.0002
"""Processor time of a build, likewise. On processors that other work shared, which adds some time,
the bundled region took 22 s (expected 22), the island 80 s (79), the city 9 s (10)."""
OSM_MB, OSM_S = 8.0, 1.0
"""Memory and time a megabyte of an extract of OpenStreetMap; several extracts share the memory."""
MEGABYTE = 1e6


@dataclass(frozen=True, kw_only=True)
class LayerReport:
    """Report on one layer.

    Parameters
    ----------
    layer
        Role of the layer.
    files, megabytes
        Number and size of the files.
    crs
        Coordinate systems of its files.
    resolution_m
        Edge of its smallest pixel; None for others than rasters.
    rows
        Features in the area; None for rasters.
    share
        Share of the area that a raster covers, or that the extent of another layer spans.
    values
        Least and greatest value of a raster in the sampled windows; None for other layers, or when
        no pixel has a value.
    known
        Share of the pixels of these windows that have a value; None for others than rasters.
    fault
        Reason why the layer cannot be used; empty for a usable one.
    """

    layer: str
    files: int = 0
    megabytes: float = 0.0
    crs: str = ""
    resolution_m: float | None = None
    rows: int | None = None
    share: float | None = None
    values: tuple[float, float] | None = None
    known: float | None = None
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class RoadReport:
    """Report on the connectivity of the roads.

    Parameters
    ----------
    links, length_km
        Number of links and length of all roads in the area.
    pieces
        Number of parts that no road joins to each other.
    largest
        Share of the length in the largest part.
    """

    links: int
    length_km: float
    pieces: int
    largest: float


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Layers that a build would use, with its memory and time.

    Parameters
    ----------
    area
        Study area; None when it is not known.
    layers
        One report a layer.
    roads
        Report on mapped roads; None without any.
    notes
        Sentences on what is derived or left out.
    remarks
        Remarks of the readers on the layers.
    memory_mb, seconds
        Expected memory and time of a build on one processor.
    """

    area: StudyArea | None
    layers: Sequence[LayerReport]
    roads: RoadReport | None
    notes: Sequence[Note]
    remarks: Sequence[str]
    memory_mb: float
    seconds: float

    @property
    def faults(self) -> list[str]:
        """Faults that prevent the build of the study."""
        return [f"{each.layer}: {each.fault}" for each in self.layers if each.fault]


def forecast(study: Study, *, progress: Callable[[str], None] = lambda _: None) -> Forecast:
    """Inspect the layers of a study one by one; the report has the faults of all layers."""
    try:
        area = study.area
    except VeredaError as error:
        area, unplaced = None, LayerReport(layer="area", fault=str(error))
    reports = [] if area is not None else [unplaced]
    try:
        _ = study.titles
    except VeredaError as error:
        # Titles name the countries of the area, and lack what the area lacks.
        if str(error) not in [each.fault for each in reports]:
            reports.append(LayerReport(layer="titles", fault=str(error)))
    roads: RoadReport | None = None
    for layer in study.file.layers:
        progress(f"looking at {layer.label}")
        try:
            report, mapped = _report(study, area, layer)
            roads = mapped or roads
        except (VeredaError, OSError) as error:
            report = LayerReport(layer=layer.role, fault=str(error))
        reports.append(report)
    cells = area.shape[0] * area.shape[1] if area is not None else 0
    links = roads.links if roads else 0
    extracts = {
        file for layer in study.file.layers if _there(layer) and is_osm(layer)
        for file in layer.files()
    }  # fmt: skip
    sizes = [file.stat().st_size / MEGABYTE for file in extracts]
    return Forecast(
        area=area,
        layers=reports,
        roads=roads,
        notes=study.notes(),
        remarks=list(study.remarks),
        memory_mb=OF_ITSELF_MB + max(
            cells * CELL_MB + links * LINK_MB, max(sizes, default=0.0) * OSM_MB
        ),
        seconds=OF_ITSELF_S + cells * CELL_S + links * LINK_S + sum(sizes) * OSM_S,
    )  # fmt: skip


def _there(layer: Layer) -> bool:
    try:
        return bool(layer.files())
    except VeredaError:
        return False


def _report(
    study: Study, area: StudyArea | None, layer: Layer
) -> tuple[LayerReport, RoadReport | None]:
    files = layer.files()
    size = sum(file.stat().st_size for file in files) / MEGABYTE
    report = LayerReport(layer=layer.role, files=len(files), megabytes=size)
    if area is None:
        return report, None
    if layer.role == "population" and is_counted(layer):
        people = study.surface("population", area)
        assert people is not None
        return LayerReport(
            layer=layer.role, files=len(files), megabytes=size, crs=_crs(layer),
            share=float(np.isfinite(people).mean()),
        ), None  # fmt: skip
    if layer.role in RASTERS:
        (seen,) = survey_layers([layer], area)
        if not seen.sampled.known:
            # Only some windows were seen: all are read, which refuses what has no value at all.
            study.surface(layer.role, area)
        return _raster_report(seen, size), None
    if layer.role == "roads":
        mapped = study.roads()
        assert mapped is not None
        return LayerReport(
            layer="roads", files=len(files), megabytes=size, crs=_crs(layer),
            rows=len(mapped.links), share=_span(mapped.links, area),
        ), road_report(mapped)  # fmt: skip
    frame = study.frame(LAYER_OF.get(layer.role, layer.role))
    share = _span(frame, area) if isinstance(frame, gpd.GeoDataFrame) else None
    return LayerReport(
        layer=layer.role, files=len(files), megabytes=size, crs=_crs(layer),
        rows=len(frame), share=share,
    ), None  # fmt: skip


def _raster_report(seen: RasterSurvey, megabytes: float) -> LayerReport:
    least, most = seen.sampled.least, seen.sampled.most
    return LayerReport(
        layer=seen.layer.role, files=seen.files, megabytes=megabytes, crs=", ".join(seen.crs),
        resolution_m=seen.pixel_m, share=seen.share, known=seen.sampled.known,
        values=None if least is None or most is None else (least, most),
    )  # fmt: skip


def road_report(roads: MappedRoads) -> RoadReport:
    """Report on the connectivity of roads."""
    links, count = roads.links, len(roads.nodes)
    u, v = links["u"].to_numpy(int), links["v"].to_numpy(int)
    metres = links["length_m"].to_numpy(float)
    graph = coo_array((np.ones(len(u), np.int8), (u, v)), shape=(count, count))
    _, part = connected_components(graph, directed=False)
    lengths = np.bincount(part[u], metres)
    return RoadReport(
        links=len(links),
        length_km=float(metres.sum()) / 1000,
        pieces=int((lengths > 0).sum()),
        largest=float(lengths.max(initial=0.0) / max(metres.sum(), 1.0)),
    )


def _crs(layer: Layer) -> str:
    if layer.crs:
        return layer.crs
    if is_osm(layer) or is_graphml(layer):
        # Both are transformed to degrees when they are read.
        return "EPSG:4326"
    return ", ".join(crs_names(layer))


def _span(frame: gpd.GeoDataFrame, area: StudyArea) -> float:
    """Share of the box of an area that the extent of a layer spans."""
    edges = bounds(frame)
    if edges is None:
        return 0.0
    box, extent = shapely.box(*area.bbox), shapely.box(*edges)
    return float(shapely.intersection(box, extent).area / box.area)
