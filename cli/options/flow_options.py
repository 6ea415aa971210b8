"""Options of all commands on a flow: its network, profile, origins, destinations."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.shell.console import note
from geodata.borderlands.examples import EXAMPLES

if TYPE_CHECKING:
    from cli.shell.console import Session
    from geodata.sources.userfiles.source import Source
    from routes.router import Router
    from routes.scenario.demand import Endpoint
    from routes.scenario.profiles import Profile

_END = f"LON,LAT|NAME|ports:{EXAMPLES.country}|FILE"


@dataclass(frozen=True)
class FlowOptions:
    """A flow from the options of a command.

    Parameters
    ----------
    network
        Directory of the network.
    profile
        Name of a shipped profile, or a TOML file.
    origins, destinations
        ``LON,LAT``, names, collections or files of points; the profile's own when empty.
    """

    network: Path
    profile: str
    origins: tuple[str, ...]
    destinations: tuple[str, ...]

    def files(self) -> list[Path]:
        """Files that are read, which no output may replace."""
        from geodata.network.store import LAYOUT
        from geodata.sources.userfiles.source import file_of

        return [
            Path(self.profile),
            *map(file_of, (*self.origins, *self.destinations)),
            *(self.network / name for name in LAYOUT.files),
        ]

    def flow(self) -> Profile:
        """The profile between the ends asked for.

        Raises
        ------
        InputError
            When there is no such profile, or an end is neither point, name nor file.
        """
        return read_profile(self.profile).between(
            read_endpoints(self.origins, field="from"),
            read_endpoints(self.destinations, field="to"),
        )

    def router(self, session: Session) -> Router:
        """A router on the network, which is read and checked."""
        from geodata.network.store import load_network
        from routes.router import Router

        session.progress("reading the network")
        return Router(load_network(self.network))


def flow_options(*, profile: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Options that say which flow is meant; the command gets them as `question`."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @click.option("--network", type=click.Path(path_type=Path), default=Path("network"),
                      show_default=True, help="Directory that `vereda build` wrote.")  # fmt: skip
        @click.option("--profile", default=profile, show_default=True,
                      help="Flow profile: a shipped name, or a TOML file.")  # fmt: skip
        @click.option("--from", "origin", multiple=True, metavar=_END,
                      help="Origin: a point, a place, all ports, airstrips, crossings or places of "
                      "a country or district, or a file of points (CSV, GeoJSON, GeoPackage and "
                      "more; FILE#LAYER); may be repeated. The profile's by default.")  # fmt: skip
        @click.option("--to", "destination", multiple=True, metavar=_END,
                      help="Destination, likewise.")  # fmt: skip
        @functools.wraps(command)
        def asking(
            *rest: Any,
            network: Path,
            profile: str,
            origin: tuple[str, ...],
            destination: tuple[str, ...],
            **options: Any,
        ) -> Any:
            return command(
                *rest, question=FlowOptions(network, profile, origin, destination), **options
            )

        return asking

    return decorate


def read_profile(text: str) -> Profile:
    """A profile from a TOML file, or a shipped one by name.

    Raises
    ------
    InputError
        When the file is missing or the name unknown.
    DataError
        When the file is no profile.
    """
    from geodata.errors import InputError
    from geodata.formats.text.toml import SUFFIX, read_toml
    from routes.scenario.profiles import load_profile, profile_from, profile_names

    path = Path(text)
    if path.suffix.lower() == SUFFIX:
        return profile_from(read_toml(path, field="profile"))
    if text not in profile_names() and path.exists():
        remedy = f"A profile of your own is a file whose name ends in {SUFFIX}."
        raise InputError("profile", text, remedy)
    return load_profile(text)


def read_endpoints(texts: Sequence[str], *, field: str) -> tuple[Endpoint, ...]:
    """Origins or destinations, each under a name of its own.

    An end from a file has the stem of the file as its name. If another end has the same name, as
    with a file in another folder, the name is as much of the path as distinguishes them.

    Raises
    ------
    InputError
        When a file is given twice, or an end is neither point, name nor file.
    """
    from dataclasses import replace

    from geodata.errors import InputError

    ends = [read_endpoint(text, field=field) for text in texts]
    parts = [_parts(text, field=field) for text in texts]
    for place, own in enumerate(parts):
        if own and own in parts[:place]:
            raise InputError(field, texts[place], "It is given twice; give each file once.")
    names = [end.name for end in ends]
    for place, own in enumerate(parts):
        others = [tail for tail in parts if tail and tail != own]
        if own and names.count(names[place]) > 1:
            deep = next(n for n in range(1, len(own) + 1)
                        if own[-n:] not in [other[-n:] for other in others]
                        and "/".join(own[-n:]) not in names)  # fmt: skip
            ends[place] = replace(ends[place], name="/".join(own[-deep:]))
    return tuple(ends)


def _parts(text: str, *, field: str) -> tuple[str, ...]:
    """Parts of the path of a file of points, its layer last; none for another end."""
    from geodata.sources.userfiles.source import Source, is_source

    if not is_source(text):
        return ()
    source = Source.parse(text, field=field)
    path = source.path.resolve()
    layer = f"#{source.layer}" if source.layer else ""
    return (*path.parts[:-1], f"{path.name}{layer}")


def read_endpoint(text: str, *, field: str) -> Endpoint:
    """An origin or destination from ``LON,LAT``, a name, a collection, or a file of points."""
    from geodata.sources.userfiles.source import Source, is_source
    from routes.scenario.demand import Endpoint
    from routes.scenario.ends.end_text import parse_end

    if not is_source(text):
        return parse_end(text, field=field)
    source = Source.parse(text, field=field)
    at = {"layer": "points", "coordinates": _coordinates(source)}
    return Endpoint(name=source.path.stem, at=at)


def _coordinates(source: Source) -> list[list[float]]:
    """Points of a file; a line reports rows without a place."""
    from geodata.sources.userfiles.points import read_points

    points = read_points(source)
    if points.left_out:
        note(f"{source.path}: left out {points.left_out:,} without a place.")
    return points.coordinates
