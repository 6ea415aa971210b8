"""Data that all rooms read: the network, the results and the settings, all immutable."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask, current_app

from geodata.computing.tasks import computed_once
from geodata.network.known_names import KnownNames, known_names
from geodata.network.network import Network
from geodata.network.store import load_network
from geodata.publication.results.reading import ServedResult, read_results
from service.state.settings import Settings

_KEY = "vereda"
_MADE, _OWN = f"{_KEY}.made", f"{_KEY}.own"
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class State:
    """One service's data.

    Parameters
    ----------
    network
        The network that corridors are computed on.
    results
        Served results by name, first the one with which the map page opens.
    settings
        Settings of the service, which do not change while it runs.
    """

    network: Network
    results: Mapping[str, ServedResult] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)

    @computed_once
    def known(self) -> KnownNames:
        """Names of the network, for example questions."""
        return known_names(self.network)

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
        return cls(network=network, results=read_results(settings.result), settings=settings)


class Shelf:
    """Values of rooms, each computed once, at its first use."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        # The computation of one value may need another value.
        self._lock = threading.RLock()

    def make_once(self, name: str, make: Callable[[], T]) -> T:
        """The value with this name; other threads wait while it is computed."""
        if name not in self._values:
            with self._lock:
                if name not in self._values:
                    self._values[name] = make()
        value: T = self._values[name]
        return value


def install(app: Flask, state: State, *, like: Flask | None = None) -> None:
    """Give an application its state.

    Parameters
    ----------
    app
        The application.
    state
        Its data.
    like
        An application with the same network and results, whose values are shared.
    """
    app.extensions[_KEY] = state
    app.extensions[_MADE] = like.extensions[_MADE] if like else Shelf()
    app.extensions[_OWN] = Shelf()


def make_once(app: Flask, name: str, make: Callable[[State], T], *, of_settings: bool = False) -> T:
    """A value that a room computes from the state of an application, at its first use.

    Parameters
    ----------
    app
        The application.
    name
        Name of the value, the same at each use.
    make
        Computes the value.
    of_settings
        Whether it depends on the settings, and not on the network and the results alone.
    """
    shelf = app.extensions[_OWN if of_settings else _MADE]
    assert isinstance(shelf, Shelf)
    return shelf.make_once(name, lambda: make(state_of(app)))


def current() -> State:
    """The state of the application that answers this request."""
    return state_of(current_app)


def state_of(app: Flask) -> State:
    """The state of an application."""
    state = app.extensions[_KEY]
    assert isinstance(state, State)
    return state
