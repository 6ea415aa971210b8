"""What rooms make of the state: once, and shared, but for what depends on the settings."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from flask import Flask

from service.app import create_app
from service.corridors.answers import answers_of
from service.corridors.limits import limits_of
from service.maps.tile_cache import tiles_of
from service.state import Shelf, state_of


def test_what_many_ask_for_at_once_is_made_once() -> None:
    shelf, made = Shelf(), []

    def make() -> object:
        time.sleep(0.05)
        made.append(shelf.make_once("inner", object))
        return object()

    with ThreadPoolExecutor(8) as threads:
        things = list(threads.map(lambda _: shelf.make_once("outer", make), range(8)))
    assert len(set(map(id, things))) == len(made) == 1


def test_what_could_not_be_made_is_tried_again() -> None:
    shelf = Shelf()
    for fails in (True, False):
        try:
            assert shelf.make_once("thing", lambda fails=fails: 1 // (not fails)) == 1
        except ZeroDivisionError:
            assert fails


def test_an_application_like_another_shares_what_either_makes_first(app: Flask) -> None:
    first = create_app(state_of(app).settings, like=app)
    second = create_app(replace(state_of(app).settings, pairs_limit=3), like=first)
    assert answers_of(second).router is answers_of(first).router is answers_of(app).router
    assert tiles_of(second) is tiles_of(first)
    assert answers_of(second) is not answers_of(first)
    assert (limits_of(first).pairs, limits_of(second).pairs) == (64, 3)
