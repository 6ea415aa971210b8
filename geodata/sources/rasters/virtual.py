"""Virtual rasters (VRT): what they may name, and what not.

A VRT is a text that GDAL follows: to other folders, to addresses, to code. Read is one that puts
rasters beside it together, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree.ElementTree import Element

from geodata.errors import DataError
from geodata.formats.text.xml_file import DoctypeError, XmlError, root_of

_MOST_BYTES = 64 * 1024**2
_DEEPEST = 4
"""Virtual rasters within virtual rasters."""
_PLAIN = {
    "VRTDataset", "SRS", "GeoTransform", "Metadata", "MDI", "VRTRasterBand", "NoDataValue",
    "ColorInterp", "ColorTable", "Entry", "SimpleSource", "ComplexSource", "SourceFilename",
    "SourceBand", "SourceProperties", "SrcRect", "DstRect", "NODATA", "ScaleOffset", "ScaleRatio",
    "Offset", "Scale", "UnitType", "Description", "CategoryNames", "Category", "OverviewList",
    "BlockXSize", "BlockYSize", "HideNoDataValue", "Histograms", "HistItem", "HistMin", "HistMax",
    "BucketCount", "IncludeOutOfRange", "Approximate", "HistCounts", "UseMaskBand", "LUT",
    "ColorTableComponent", "MaskBand", "GCPList", "GCP",
}  # fmt: skip
_DOMAINS = (None, "", "IMAGE_STRUCTURE", "COLOR_PROFILE", "SUBDATASETS_NONE")
_MOSAIC = "Only a plain mosaic of rasters that lie beside it is read: save it as GeoTIFF."


def check_virtual(path: Path, *, field: str, drivers: Mapping[str, str], depth: int = 0) -> None:
    """Refuse a virtual raster that does more than put rasters beside it together.

    Parameters
    ----------
    field
        As errors call the file.
    drivers
        Drivers of the rasters that it may name, by suffix.

    Raises
    ------
    DataError
        When the raster names a file elsewhere, an address, or anything else GDAL would follow.
    """
    root = _root(path, field)
    for element in root.iter():
        if element.tag not in _PLAIN or element.get("subClass"):
            shown = element.get("subClass") or element.tag
            raise DataError(field, shown[:60], _MOSAIC)
        if element.tag == "Metadata" and element.get("domain") not in _DOMAINS:
            raise DataError(field, f"Metadata {element.get('domain')}"[:60], _MOSAIC)
    for named in _named(root, path, field):
        if named.suffix.lower() == ".vrt":
            if depth >= _DEEPEST:
                raise DataError(field, named.name, "Virtual rasters are nested too deeply.")
            check_virtual(named, field=field, drivers=drivers, depth=depth + 1)
        else:
            _check_content(named, field, drivers)


def _root(path: Path, field: str) -> Element:
    if path.stat().st_size > _MOST_BYTES:
        raise DataError(field, str(path), _MOSAIC)
    try:
        root = root_of(path.read_bytes())
    except DoctypeError:
        raise DataError(field, "DOCTYPE", _MOSAIC) from None
    except XmlError as error:
        raise DataError(field, str(path), f"It is no virtual raster ({error}).") from error
    if root.tag != "VRTDataset":
        raise DataError(field, root.tag[:60], "It is no virtual raster.")
    return root


def _named(root: Element, path: Path, field: str) -> Iterator[Path]:
    """Files that are named, each within the folder of the virtual raster."""
    folder = path.absolute().parent.resolve()
    for element in root.iter("SourceFilename"):
        text = (element.text or "").strip()
        relative = element.get("relativeToVRT") == "1"
        target = folder / text if relative else Path(text)
        if "://" in text or text.startswith("/vsi") or not target.is_absolute():
            raise DataError(f"{field}, SourceFilename", text, _MOSAIC)
        if not target.resolve().is_relative_to(folder):
            raise DataError(f"{field}, SourceFilename", text, _MOSAIC)
        if not target.is_file():
            remedy = "It is not there: keep the rasters with the virtual one."
            raise DataError(f"{field}, SourceFilename", text, remedy)
        yield target


def files_named(path: Path) -> list[Path]:
    """All files that a virtual raster names, those of virtual rasters in it among them.

    Raises
    ------
    DataError
        When the raster names a file that lies elsewhere.
    """
    files: dict[Path, None] = {}
    waiting = [path]
    while waiting:
        virtual = waiting.pop()
        for named in _named(
            _root(virtual, f"file {virtual.name}"), virtual, f"file {virtual.name}"
        ):
            if named not in files and named.suffix.lower() == ".vrt":
                waiting.append(named)
            files[named] = None
    return list(files)


_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def _check_content(path: Path, field: str, drivers: Mapping[str, str]) -> None:
    """Refuse a file that GDAL could take for something else than a GeoTIFF.

    The driver of a virtual raster lets GDAL choose by content, and these four bytes hold a NUL,
    at which its search for the words of other formats ends.
    """
    is_tiff = drivers.get(path.suffix.lower()) == "GTiff"
    with path.open("rb") as file:
        if not is_tiff or file.read(4) not in _MAGIC:
            remedy = "A virtual raster is read where it is made of GeoTIFFs."
            raise DataError(f"{field}, SourceFilename", path.name, remedy)
