"""What all requests share. It is made when the service starts and does not change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app

from geodata.network import Network
from service.answers import Answers
from service.collections import Collection
from service.layers import network_layers, read_provenance, result_layers
from service.settings import Settings
from service.sketch import Sketch, draw_sketch

_KEY = "vereda"


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
    provenance
        Of the result that is served; empty when there is none.
    sketch
        Map of that result for the landing page.
    """

    network: Network
    collections: Mapping[str, Collection]
    answers: Answers
    provenance: Mapping[str, Any] = field(default_factory=dict)
    sketch: Sketch | None = None

    @classmethod
    def load(cls, settings: Settings) -> State:
        """Read a network and, if the settings name one, a result.

        Raises
        ------
        DataError
            When either is missing or cannot be used.
        """
        network = Network.load(settings.network)
        layers = {layer.name: layer for layer in network_layers(network)}
        provenance: dict[str, Any] = {}
        sketch = None
        if settings.result is not None:
            provenance = read_provenance(settings.result)
            layers = {layer.name: layer for layer in result_layers(settings.result)} | layers
            sketch = draw_sketch(network, layers["corridors"].frame)
        return cls(
            network=network,
            collections={name: Collection(layer) for name, layer in layers.items()},
            answers=Answers(network, most=settings.answers),
            provenance=provenance,
            sketch=sketch,
        )


def install(app: Flask, state: State) -> None:
    """Give an application its state."""
    app.extensions[_KEY] = state


def current() -> State:
    """The state of the application that answers this request."""
    state = current_app.extensions[_KEY]
    assert isinstance(state, State)
    return state
