"""What all rooms read: the network, the results and the settings; they do not change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from flask import Flask, current_app

from geodata.network.network import Network
from geodata.network.store import load_network
from geodata.publication.results import ServedResult, read_results
from service.settings import Settings

_KEY = "vereda"
_MADE = f"{_KEY}.made."
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class State:
    """One service's data.

    Parameters
    ----------
    network
        The network that corridors are computed on.
    results
        Those that are served, by name, the one that the map page opens with first.
    settings
        What the service was told when it started.
    """

    network: Network
    results: Mapping[str, ServedResult] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)

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


def install(app: Flask, state: State) -> None:
    """Give an application its state."""
    app.extensions[_KEY] = state


def install_like(app: Flask, other: Flask, settings: Settings) -> None:
    """Give an application the state of another, and what its rooms made of it, but its settings."""
    made = {key: each for key, each in other.extensions.items() if key.startswith(_MADE)}
    app.extensions.update(made)
    install(app, replace(state_of(other), settings=settings))


def once(app: Flask, name: str, make: Callable[[State], T], *, of_settings: bool = False) -> T:
    """What a room makes of the state of an application, when it is first asked for.

    Parameters
    ----------
    name
        Of what is made.
    make
        Makes it. Threads that come at once may each make it; all get the same.
    of_settings
        Whether it depends on the settings, and not on the network and the results alone.
    """
    key = f"{_KEY}.{name}" if of_settings else f"{_MADE}{name}"
    if key not in app.extensions:
        app.extensions.setdefault(key, make(state_of(app)))
    made: T = app.extensions[key]
    return made


def current() -> State:
    """The state of the application that answers this request."""
    return state_of(current_app)


def state_of(app: Flask) -> State:
    """The state of an application."""
    state = app.extensions[_KEY]
    assert isinstance(state, State)
    return state
