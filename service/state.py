"""What all requests share. It is made when the service starts and does not change."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from flask import Flask, current_app

from geodata.errors import InputError, NoPathError
from geodata.formats.tiles.encode import Tile
from geodata.formats.tiles.web_mercator import tile_range
from geodata.network.network import Network
from geodata.network.store import load_network
from routes.scenario.profiles import shipped
from service.corridors.answers import Answers, Question
from service.corridors.limits import Bounds
from service.features.collections import Collection
from service.jobs.queue import Queue
from service.jobs.records import Ledger
from service.layers import network_layers, result_layers
from service.maps.tile_cache import TileStore
from service.pages.map_background import ground_text
from service.pages.sketch import Sketch, draw_sketch
from service.results import Served, read_results
from service.settings import Settings
from service.tilesets import make_tilesets

_KEY = "vereda"
_WARM_ZOOM = 6
"""Tiles of this zoom bring everything into memory that other tiles need."""
_ONE, _OTHER, _WARM_SLACK = "San Pedro Sula", "Guatemala City", 0.05
"""A question that brings everything into memory that live answers need."""


@dataclass(frozen=True, kw_only=True)
class State:
    """One service's data.

    Parameters
    ----------
    network
        The network that corridors are computed on.
    collections
        By name, in the order they are listed.
    answers
        Computes corridors and keeps the last ones.
    results
        Those that are served, by name, the one that the map page opens with first.
    sketch
        Map of that one for the landing page.
    settings
        What the service was told when it started.
    """

    network: Network
    collections: Mapping[str, Collection]
    answers: Answers
    results: Mapping[str, Served] = field(default_factory=dict)
    sketch: Sketch | None = None
    settings: Settings = field(default_factory=Settings)

    @cached_property
    def bounds(self) -> Bounds:
        """How much may be asked for at once."""
        return Bounds(self.settings)

    @cached_property
    def ledger(self) -> Ledger:
        """The records of jobs."""
        return Ledger(self.settings.jobs)

    @cached_property
    def queue(self) -> Queue:
        """The queue of jobs; opened by each process for itself."""
        return Queue(self.settings)

    @cached_property
    def ground(self) -> str:
        """What lies under the corridors on the map page, as GeoJSON."""
        return ground_text(self.network)

    @cached_property
    def tiles(self) -> TileStore:
        """Vector tiles of all that is served."""
        layers = [each.layer for each in self.collections.values()]
        return TileStore(make_tilesets(self.network, layers))

    def prepare(self) -> None:
        """Make now what is otherwise made at first use, for processes to share it."""
        for collection in self.collections.values():
            _ = (collection.digest, collection.tree, collection.types, collection.geometry_format)
        _ = self.ground, self.network.polylines
        left, _, top, _ = tile_range(self.network.area.bbox, _WARM_ZOOM)
        for name in self.tiles.sets:
            self.tiles.tile(name, Tile(_WARM_ZOOM, left, top))
        for profile in shipped():
            asked = Question.read(
                profile=profile, origins=[_ONE], destinations=[_OTHER], slack=_WARM_SLACK
            )
            with suppress(NoPathError, InputError):
                self.answers.warm(asked)

    @classmethod
    def load(cls, settings: Settings) -> State:
        """Read a network, and the results that the settings name.

        Raises
        ------
        DataError
            When one of them is missing or cannot be used.
        InputError
            When two results have the same name.
        """
        network = load_network(settings.network)
        results = read_results(settings.result)
        layers = [layer for result in results.values() for layer in result_layers(result)]
        sketch = draw_sketch(network, layers[0].frame) if layers else None
        layers += network_layers(network, settings.network)
        return cls(
            network=network,
            collections={layer.name: Collection(layer) for layer in layers},
            answers=Answers(
                network,
                most=settings.answers,
                limit_seconds=settings.limit_seconds,
                most_waiting=max(settings.threads // 2, 1),
            ),
            results=results,
            sketch=sketch,
            settings=settings,
        )


def install(app: Flask, state: State) -> None:
    """Give an application its state."""
    app.extensions[_KEY] = state


def current() -> State:
    """The state of the application that answers this request."""
    return state_of(current_app)


def state_of(app: Flask) -> State:
    """The state of an application."""
    state = app.extensions[_KEY]
    assert isinstance(state, State)
    return state
