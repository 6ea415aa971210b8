"""Corridors computed live; the last answers are kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from sys import getsizeof
from typing import Any
from weakref import WeakValueDictionary

import geopandas as gpd
import numpy as np
import shapely
from cachetools import LRUCache
from flask import Flask, current_app
from pydantic_core import to_json

from geodata.area.antimeridian import cut_shapes
from geodata.arrays import ColumnTable
from geodata.computing.tasks import computed_once
from geodata.errors import InputError, NoPathError
from geodata.formats.geojson.features import envelope, features
from geodata.network.network import Network
from geodata.publication.layers.licences import attributions
from routes.alternatives.criteria import AlternativeCriteria
from routes.alternatives.itineraries import alternative_table, find_alternatives
from routes.results.result import CorridorAnswer
from routes.router import Router
from routes.scenario.forms.scenario_form import Inputs
from routes.scenario.profiles import profile_names
from service.corridors.question import Question
from service.corridors.scenario_schema import read_body
from service.state import State, make_once, state_of
from service.web.deadline import Deadline
from service.web.lanes import Lane
from service.web.problems.problems import Refusal

MOST_BYTES = 64 << 20
"""Answers that each process keeps in memory, however many."""
_POINT_BYTES, _ROW_BYTES = 64, 2048
"""Estimated bytes of a corridor's point, as numbers and as text, and of all else in a corridor."""
_WARM_SLACK = 0.05
"""Profile of a question that brings all data for live answers into memory."""
LEAST_SLACK = 0.3
"""Alternatives may be this much dearer than the best, or as much as the corridors."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Corridors, most used first, and the other members of the answer.

    Parameters
    ----------
    members
        JSON text of the members beside ``features``, in UTF-8.
    seconds
        Time that each step took, by name.
    """

    corridors: Listed
    members: bytes
    seconds: dict[str, float]

    @computed_once
    def size(self) -> int:
        """Approximate size in bytes once everything is encoded."""
        return getsizeof(self.members) + self.corridors.size


class Listed:
    """Corridors in order, encoded only as far as requests need them.

    Most clients ask for the first ten; to encode all would take as long again.
    """

    def __init__(self, table: ColumnTable) -> None:
        self._table = table
        self._texts: tuple[bytes, ...] = ()

    def __len__(self) -> int:
        return len(self._table)

    @property
    def size(self) -> int:
        """Approximate size in bytes once all are encoded."""
        points = int(shapely.get_num_coordinates(self._table.shapes).sum())
        return points * _POINT_BYTES + len(self) * _ROW_BYTES

    def first(self, count: int) -> tuple[bytes, ...]:
        """The first `count` corridors as GeoJSON texts in UTF-8, or all if there are fewer."""
        # Threads at the same time may do the work twice, but never see half of it.
        texts = self._texts
        if len(texts) < min(count, len(self)):
            texts += tuple(features(self._table.rows(len(texts), count)))
            self._texts = texts
        return texts[:count]


class Answers:
    """Answers questions with one router; safe to share between threads.

    Equal questions at the same time are computed once, and kept answers are returned at once. Brief
    questions are answered one at a time, first come first served, and long questions one at a time
    beside them: more at a time would only slow each other down, and a brief question does not wait
    for a long one.

    Parameters
    ----------
    most
        Largest number of kept answers, within `MOST_BYTES`; the least recently used is dropped
        first.
    limit_seconds
        Time that an answer may take, waiting included.
    most_waiting
        Largest number of long questions that wait or are being answered; others are refused, so
        that some threads stay free for other requests.
    """

    def __init__(
        self, router: Router, *, most: int, limit_seconds: float = 30.0, most_waiting: int = 8
    ) -> None:
        self.network = router.network
        self.router = router
        self.limit_seconds = limit_seconds
        self._rooms = threading.Semaphore(most_waiting)
        self._kept: LRUCache[str, Answer] = LRUCache(MOST_BYTES, lambda answer: answer.size)
        self._most = most
        self._turns: WeakValueDictionary[str, Lane] = WeakValueDictionary()
        self._keeping = threading.Lock()
        self._lanes = {brief: Lane() for brief in (True, False)}

    def answer(self, question: Question, clock: Deadline | None = None) -> Answer:
        """The corridors of a question, without intervals.

        Parameters
        ----------
        clock
            Deadline that is checked every few milliseconds, in any thread; by default, one that
            starts now.

        Raises
        ------
        ClientDisconnected
            When no client waits for the answer; the work has stopped.
        InputError
            When an end or a name is wrong.
        NoPathError
            When there is no path.
        Refusal
            When the answer takes too long; no work continues in the background.
        """
        clock = clock or Deadline(self.limit_seconds)
        with self._keeping:
            kept = self._kept.get(question.key)
            turn = self._turns.setdefault(question.key, Lane())
        if kept is None:
            with self._room(question), turn.turn(clock.check):
                kept = self._recall(question.key)
                if kept is None:
                    with self._lanes[question.brief].turn(clock.check):
                        return self._compute(question, clock)
        return replace(kept, seconds={"recall": clock.passed})

    def warm(self, question: Question) -> None:
        """Answer a question without a time limit, because code may have to be compiled."""
        self._compute(question, Deadline(np.inf))

    @contextmanager
    def _room(self, question: Question) -> Iterator[None]:
        """Take one of the `most_waiting` places for long questions, or refuse."""
        if question.brief:
            yield
        elif self._rooms.acquire(blocking=False):
            try:
                yield
            finally:
                self._rooms.release()
        else:
            remedy = "As many questions as may wait are waiting: ask again in some seconds."
            raise Refusal(503, "corridors", "too many", remedy, {"Retry-After": "5"})

    def _recall(self, key: str) -> Answer | None:
        with self._keeping:
            return self._kept.get(key)

    def _keep(self, key: str, answer: Answer) -> None:
        # An answer so large that it would displace all others is not kept.
        if answer.size > MOST_BYTES // 4:
            return
        with self._keeping:
            self._kept[key] = answer
            while len(self._kept) > self._most:
                self._kept.popitem()

    def _compute(self, question: Question, clock: Deadline) -> Answer:
        waited = clock.passed
        brief = self.router.brief(question.scenario, check=clock.check)
        ways = self._alternatives(question, clock) if question.alternatives else None
        computed = clock.passed
        answer = Answer(
            corridors=Listed(brief.listed),
            members=_members(self.network, brief, ways),
            seconds={},
        )
        self._keep(question.key, answer)
        encoded = clock.passed
        seconds = {"wait": waited, "compute": computed - waited, "encode": encoded - computed}
        return replace(answer, seconds=seconds)

    def _alternatives(self, question: Question, clock: Deadline) -> gpd.GeoDataFrame:
        """Alternatives between one origin and one destination, the best one first."""
        scenario = question.scenario
        criteria = AlternativeCriteria(
            most=question.alternatives + 1, slack=max(scenario.slack, LEAST_SLACK)
        )
        ways = find_alternatives(self.router, scenario, criteria=criteria, check=clock.check)
        ends = self.router.ends(scenario, check=clock.check)
        return alternative_table(self.network, self.router.arcs, ways, *ends)


def _members(network: Network, brief: CorridorAnswer, ways: gpd.GeoDataFrame | None) -> bytes:
    """Members beside the features, as JSON text in UTF-8 without its braces."""
    provenance = {key: value for key, value in brief.provenance.items() if key != "inputs"}
    record = {
        **provenance,
        "gateways": _gateways(brief.passed),
        "attributions": attributions(network),
    }
    # An eighth of the time of `json.dumps`, in the part of an answer that is not the search.
    text = to_json(record, inf_nan_mode="null")[1:-1]
    if ways is None:
        return text
    head, foot = envelope(lines=False)
    listed = b",".join(features(ways))
    return b"".join((text, b',"alternatives":', head, listed, foot))


def _gateways(used: ColumnTable) -> list[dict[str, Any]]:
    """Used gateways as flat records, with their position in degrees."""
    columns = {
        name: column if isinstance(column, list) else column.tolist()
        for name, column in used.columns.items()
    }
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    places = shapely.get_coordinates(cut_shapes(used.shapes)).tolist()
    return [
        {**row, "usage": round(row["usage"], 6), "x": round(x, 6), "y": round(y, 6)}
        for row, (x, y) in zip(rows, places, strict=True)
    ]


def answers_of(app: Flask = current_app) -> Answers:
    """The Answers object of an application."""
    return make_once(app, "answers", lambda state: _answers(app, state), of_settings=True)


def _answers(app: Flask, state: State) -> Answers:
    return Answers(
        make_once(app, "router", lambda state: Router(state.network)),
        most=state.settings.answers,
        limit_seconds=state.settings.limit_seconds,
        most_waiting=max(state.settings.threads // 2, 1),
    )


def prepare_answers(app: Flask) -> None:
    """Load all data that live answers need, so that forked processes share it."""
    answers, known = answers_of(app), state_of(app).known
    _ = answers.network.polylines
    for profile in profile_names():
        texts = {
            "profile": profile,
            "from": [known.origin],
            "to": [known.destination],
            "slack": _WARM_SLACK,
        }
        question = Question.of(read_body(Inputs, texts))
        with suppress(NoPathError, InputError):
            answers.warm(question)
