"""Orders: the downloads that the file of a study area names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geodata.area.box import Box
from geodata.entries.spelling import suggestion
from geodata.errors import InputError
from geodata.sources.area_file import ROLES, AreaFile, Layer
from geodata.sources.download.providers.providers import PROVIDERS, Extent, Query, provider_of
from geodata.sources.download.queries.osmnx import NAME
from geodata.sources.fetched.addresses import is_database, source_key


@dataclass(frozen=True, kw_only=True)
class Order:
    """A download for one layer of a study.

    Parameters
    ----------
    role, label
        Role of the layer, and how errors call it.
    home
        Directory in which it is read.
    file
        Name of the file there; empty for the host's own.
    provider, url
        One of them, as the layer has it; a provider perhaps with a selection, as
        ``geofabrik:one-country,another``.
    date, sha256, licence, attribution, format, layer
        As the layer has them, or empty.
    """

    role: str
    label: str
    home: Path
    file: str = ""
    provider: str = ""
    url: str = ""
    date: str = ""
    sha256: str = ""
    licence: str = ""
    attribution: str = ""
    format: str = ""
    layer: str = ""

    @property
    def source_key(self) -> str:
        """Its provider or url, by which records know the files of the layer."""
        return self.provider or source_key(self.url, table=self.layer)

    @property
    def by_rows(self) -> bool:
        """Whether it is a table of a database, of which the rows of the area come."""
        return not self.provider and is_database(self.url)

    @property
    def query(self) -> Query:
        """The request of the layer to its provider."""
        name, _, selection = self.provider.partition(":")
        several = tuple(part.strip() for part in selection.split(",") if part.strip())
        return Query(role=self.role, label=self.label, provider=name.strip(), selection=several,
                    date=self.date)  # fmt: skip


def orders_of(area: AreaFile, roles: Sequence[str] = ()) -> list[Order]:
    """Orders for the layers of a study that name a provider or a url.

    Parameters
    ----------
    area
        With whole paths, as `geodata.sources.area_file.read_area_file` gives it.
    roles
        Only layers of these; all by default.

    Raises
    ------
    InputError
        When a role is unknown, or none of its layers can be fetched.
    """
    fetchable = [layer for layer in area.layers if layer.provider or layer.url]
    for role in roles:
        if role not in ROLES:
            remedy = f"{suggestion(role, ROLES)}Roles are {', '.join(ROLES)}."
            raise InputError("role", role, remedy)
        if role not in {layer.role for layer in fetchable}:
            raise InputError("role", role, _lacking(role))
    if not fetchable:
        remedy = "None of them names a provider or a url, so that there is nothing to fetch."
        raise InputError("area, layers", len(area.layers), remedy)
    return [_order(layer) for layer in fetchable if not roles or layer.role in roles]


def extent_of(area: AreaFile) -> Extent:
    """Where a study is, as far as its file says.

    One that is told by codes alone has no box before its layers of admin or countries are there.

    Raises
    ------
    DataError
        When its polygon cannot be read.
    """
    form = area.area
    codes = form.countries or tuple(sorted({code[:2] for code in form.iso}))
    box = form.box
    if form.polygon is not None:
        from geodata.sources.study.outlines import box_of, read_outline

        box = box_of([read_outline(form.polygon)], margin_km=0.0)
    countries = (*codes, *form.neighbours) if codes else ()
    return Extent(box=box, countries=countries, polygon=form.polygon)


def extent_by_layers(area: AreaFile) -> Extent:
    """Place of a study that its layers, fetched by now, have to say.

    Raises
    ------
    VeredaError
        When no layer has the codes, or names a country in the area.
    """
    from geodata.sources.study import Study

    place = Study(area).area
    west, south, east, north = place.bbox
    return Extent(
        box=Box(west, south, east, north), countries=(*place.countries, *place.neighbours),
        polygon=area.area.polygon,
    )  # fmt: skip


def needs_layers(order: Order, extent: Extent) -> bool:
    """Whether box or countries of the request stand in layers to be fetched first."""
    if not order.provider:
        # An area given by codes is located by its units, so all units are fetched.
        return order.by_rows and extent.box is None and order.role not in ("admin", "countries")
    by = provider_of(order.query).by
    if by == NAME:
        return extent.box is None and order.provider.partition(":")[2].strip() in ("", "bbox")
    if by in ("degrees", "mollweide", "overture"):
        return extent.box is None
    return by in ("country", "geoboundaries") and not (extent.countries or order.query.selection)


def _lacking(role: str) -> str:
    names = [each.name for each in PROVIDERS.values() if role in each.roles]
    key = f'provider = "{names[0]}"' if names else 'url = "https://..."'
    others = f" (or {', '.join(names[1:])})" if names[1:] else ""
    return f'No layer of it can be fetched; add [[layer]] with role = "{role}", {key}{others}.'


def _order(layer: Layer) -> Order:
    home, file = _place(layer)
    return Order(
        role=layer.role, label=layer.label, home=home, file=file, provider=layer.provider or "",
        url=_url(layer), date=layer.date or "",
        sha256=layer.sha256 or "", licence=layer.licence or "",
        attribution=layer.attribution or "", format=layer.format or "", layer=layer.layer or "",
    )  # fmt: skip


def _url(layer: Layer) -> str:
    """Address of a file; of a provider only where that is a server of its kind, as of Overpass."""
    by_server = (layer.provider or "").partition(":")[0].strip() == NAME
    return "" if layer.provider and not by_server else layer.url or ""


def _place(layer: Layer) -> tuple[Path, str]:
    """Directory and name for the files of a layer; the name is the host's own where it is empty."""
    if len(layer.path) != 1:
        remedy = "Give one path, under which the fetched files are to be put, or leave it out."
        raise InputError(f"layer {layer.label}, path", len(layer.path), remedy)
    path = layer.path[0]
    if any(sign in path.name for sign in "*?["):
        return path.parent, ""
    return (path.parent, path.name) if path.suffix and not path.is_dir() else (path, "")
