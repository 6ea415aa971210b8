"""``vereda fetch``: what the layers of a study name, from the hosts that publish it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.shell.arguments import Finite
from cli.shell.console import Session, note, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.sources.area_file import AreaFile
    from geodata.sources.download.fetch import Fetched, Options

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([KMGT]?B?)", re.ASCII | re.IGNORECASE)


def _show_providers(context: click.Context, _: click.Parameter, requested: bool) -> None:
    if not requested or context.resilient_parsing:
        return
    from geodata.sources.download.providers.providers import PROVIDERS

    rows = [
        (each.name, ", ".join(each.roles), each.licence, "yes" if each.confirmed else "no")
        for each in PROVIDERS.values()
    ]
    records = [
        {"provider": each.name, "roles": each.roles, "title": each.title, "licence": each.licence,
         "attribution": each.attribution, "note": each.note, "date": each.date_is,
         "address": sorted(set(each.url.values())), "confirmed": each.confirmed}
        for each in PROVIDERS.values()
    ]  # fmt: skip
    header = ("provider", "roles", "licence", "address confirmed")
    context.find_object(Session).show(records, table(header, rows))  # type: ignore[union-attr]
    context.exit()


@click.command("fetch")
@click.argument("area", type=click.Path(path_type=Path))
@click.argument("roles", nargs=-1, metavar="[ROLE]...")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), default=None,
              envvar="VEREDA_CACHE", show_envvar=True,
              help="Directory of what was fetched before, for all studies. "
              "[default: ~/.cache/vereda/downloads]")  # fmt: skip
@click.option("--offline", is_flag=True, help="Ask nobody; take what the cache has.")
@click.option("--refresh", is_flag=True, help="Ask for newer files where there are some already.")
@click.option("--mirror", "mirrors", metavar="HOST=ADDRESS", multiple=True,
              envvar="VEREDA_MIRROR", show_envvar=True,
              help="Ask this address instead of a host, as "
              "download.geofabrik.de=https://mirror.example.org/osm; may be repeated: several of "
              "one host are asked in turn.")  # fmt: skip
@click.option("--most", metavar="SIZE", default="4GB", show_default=True,
              help="Fetch at most so much in one call, as 500MB or 10GB.")  # fmt: skip
@click.option("--patience", type=Finite(min=0), default=600.0, show_default=True,
              help="Seconds that a host is waited for, file by file.")  # fmt: skip
@click.option("--providers", is_flag=True, is_eager=True, expose_value=False,
              callback=_show_providers, help="List who serves what, and exit.")  # fmt: skip
@click.pass_obj
def fetch_command(
    session: Session, /, *, area: Path, roles: tuple[str, ...], **options: Any
) -> None:
    """Fetch what the layers of a study area name, check it, and put it in data/ROLE.

    A call that was cut short goes on where it was. What is there already stays as it is.

    \b
    Examples:
      vereda fetch area.toml
      vereda fetch area.toml roads elevation --most 10GB
      vereda fetch area.toml --offline --cache /media/stick/vereda
      vereda fetch area.toml --mirror download.geofabrik.de=https://mirror.example.org/osm
      vereda fetch --providers
    """
    from geodata.sources.area_file import read_area_file

    file = read_area_file(area / "area.toml" if area.is_dir() else area)
    fetched = _fetch(session, file, roles, _options(**options))
    session.show([_as_json(each) for each in fetched], _lines(fetched))
    unlicensed = sorted({each.label for each in fetched if each.record.licence == "not stated"})
    if unlicensed:
        note(f"Nobody states a licence for {', '.join(unlicensed)}: write it into the area file.")


def _fetch(
    session: Session, file: AreaFile, roles: Sequence[str], options: Options
) -> list[Fetched]:
    """Fetch all layers; while box or countries are unknown, first those that need neither."""
    from geodata.sources.download.fetch import fetch as fetch_orders
    from geodata.sources.download.orders.orders import (
        extent_by_layers,
        extent_of,
        needs_layers,
        orders_of,
    )

    orders, extent = orders_of(file, roles), extent_of(file)
    later = [order for order in orders if needs_layers(order, extent)]
    first = [order for order in orders if order not in later]
    fetched = fetch_orders(first, extent, options, progress=session.progress)
    if later:
        extent = extent_by_layers(file)
        fetched += fetch_orders(later, extent, options, progress=session.progress)
    return fetched


def _options(
    *,
    cache: Path | None,
    offline: bool,
    refresh: bool,
    mirrors: tuple[str, ...],
    most: str,
    patience: float,
) -> Options:
    from geodata.errors import InputError
    from geodata.sources.download.cache import default_cache
    from geodata.sources.download.fetch import Options
    from geodata.sources.download.hosts.patience import Patience
    from geodata.sources.fetched.addresses import Mirrors

    if offline and refresh:
        remedy = "Newer files cannot be asked for --offline; leave one of them out."
        raise InputError("refresh", "--offline", remedy)
    return Options(
        cache=cache or default_cache(), offline=offline, refresh=refresh,
        mirrors=Mirrors.parse(mirrors), most_bytes=_bytes(most), patience=Patience(total=patience),
    )  # fmt: skip


def _bytes(text: str) -> int:
    from geodata.errors import InputError

    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise InputError("most", text, "Give a size such as 500MB or 10GB.")
    unit = match[2].upper()
    return round(float(match[1]) * _UNITS[unit if unit.endswith("B") or not unit else f"{unit}B"])


def _as_json(each: Fetched) -> dict[str, object]:
    files = [str(path) for path in each.files]
    return {"layer": each.label, "role": each.role, "fetched_now": each.fresh, "paths": files,
            **vars(each.record)}  # fmt: skip


def _lines(fetched: Sequence[Fetched]) -> list[str]:
    from geodata.network.credit import holders

    rows = []
    for each in fetched:
        size = f"{each.record.bytes / 1e6:,.1f}"
        state = "fetched" if each.fresh else "was there"
        rows.append((each.label, each.files[0].name, size, state, each.record.licence))
    return [
        *table(("layer", "file", "MB", "", "licence"), rows),
        "",
        "Whom to name:",
        *(f"  {holder}" for holder in holders([vars(each.record) for each in fetched])),
        "Beside each file lies a .source.toml that says where it comes from.",
    ]
