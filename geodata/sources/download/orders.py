"""What the file of a study area says of downloads, as orders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from geodata.errors import InputError
from geodata.sources.area_file import ROLES, AreaFile, Layer
from geodata.sources.download.fetch import Order
from geodata.sources.download.providers import PROVIDERS, Where, provider_of
from geodata.spelling import suggestion


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
        When there is no such role, or no layer of it that can be fetched.
    """
    wanted = [layer for layer in area.layers if layer.provider or layer.url]
    for role in roles:
        if role not in ROLES:
            remedy = f"{suggestion(role, ROLES)}Roles are {', '.join(ROLES)}."
            raise InputError("role", role, remedy)
        if role not in {layer.role for layer in wanted}:
            raise InputError("role", role, _lacking(role))
    if not wanted:
        remedy = "None of them names a provider or a url, so that there is nothing to fetch."
        raise InputError("area, layers", len(area.layers), remedy)
    return [_order(layer) for layer in wanted if not roles or layer.role in roles]


def where_of(area: AreaFile) -> Where:
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
    return Where(box=box, countries=(*codes, *form.neighbours) if codes else ())


def where_by_layers(area: AreaFile) -> Where:
    """Where a study is by what is said in its layers, which are there by now.

    Raises
    ------
    VeredaError
        When none of them has the codes, or names a country there.
    """
    from geodata.sources.study import Study

    place = Study(area).area
    west, south, east, north = place.bbox
    return Where(box=(west, south, east, north), countries=(*place.countries, *place.neighbours))


def waits(order: Order, where: Where) -> bool:
    """Whether nobody can say yet what is to be fetched: box or countries are in other layers."""
    if not order.provider:
        # Units say where an area is that is told by codes: of them all come.
        return order.by_rows and where.box is None and order.role not in ("admin", "countries")
    by = provider_of(order.wish).by
    if by in ("degrees", "mollweide", "overture"):
        return where.box is None
    return by in ("country", "geoboundaries") and not (where.countries or order.wish.selection)


def _lacking(role: str) -> str:
    names = [each.name for each in PROVIDERS.values() if role in each.roles]
    key = f'provider = "{names[0]}"' if names else 'url = "https://..."'
    others = f" (or {', '.join(names[1:])})" if names[1:] else ""
    return f'No layer of it can be fetched; add [[layer]] with role = "{role}", {key}{others}.'


def _order(layer: Layer) -> Order:
    home, file = _place(layer)
    return Order(
        role=layer.role, label=layer.label, home=home, file=file, provider=layer.provider or "",
        url="" if layer.provider else layer.url or "", date=layer.date or "",
        sha256=layer.sha256 or "", licence=layer.licence or "",
        attribution=layer.attribution or "", format=layer.format or "", layer=layer.layer or "",
    )  # fmt: skip


def _place(layer: Layer) -> tuple[Path, str]:
    """Directory and name for the files of a layer; the name is the host's own where it is empty."""
    if len(layer.path) != 1:
        remedy = "Give one path, under which the fetched files are to be put, or leave it out."
        raise InputError(f"layer {layer.label}, path", len(layer.path), remedy)
    path = layer.path[0]
    if any(sign in path.name for sign in "*?["):
        return path.parent, ""
    return (path.parent, path.name) if path.suffix and not path.is_dir() else (path, "")
