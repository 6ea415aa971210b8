"""Corridors computed live: one at a time, the last answers kept."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from geodata.geojson import features
from geodata.network import Network
from routes.band import check_slack
from routes.endpoints import parse_point
from routes.profiles import load_profile
from routes.scenario import Result, Router, Scenario, with_ends


@dataclass(frozen=True, kw_only=True)
class Question:
    """What ``GET /corridors`` asks; equal questions have equal answers.

    Parameters
    ----------
    profile
        A shipped flow profile.
    origins, destinations
        ``LON,LAT`` or names; the profile's own when empty.
    slack
        How much dearer than the best a path may be, as a share of the best.
    """

    profile: str
    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    slack: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Corridors as GeoJSON texts, most used first, and what is said beside them.

    Parameters
    ----------
    members
        JSON text of the members beside ``features``.
    seconds
        Time that each step took, by name.
    """

    corridors: tuple[str, ...]
    members: str
    seconds: dict[str, float]


class Answers:
    """Answers questions on one network; safe to share between threads.

    The router keeps what questions have in common and is not made for two at once, so that
    questions wait for each other. A kept answer waits for nobody.

    Parameters
    ----------
    most
        Answers that are kept; the one unused for longest is dropped first.
    """

    def __init__(self, network: Network, *, most: int) -> None:
        self.network = network
        self._router = Router(network)
        self._most = most
        self._kept: OrderedDict[Question, Answer] = OrderedDict()
        self._keeping, self._computing = threading.Lock(), threading.Lock()

    def answer(self, question: Question) -> Answer:
        """The corridors of a question.

        Raises
        ------
        InputError
            When the profile, the slack or an end is wrong.
        NoPathError
            When no path answers it.
        """
        kept = self._recall(question)
        if kept:
            return kept
        scenario = _scenario(question)
        asked = time.perf_counter()
        with self._computing:
            waited = time.perf_counter() - asked
            kept = self._recall(question)
            if kept:
                return replace(kept, seconds={"wait": waited, **kept.seconds})
            answer = self._compute(scenario)
            self._keep(question, answer)
        return replace(answer, seconds={"wait": waited, **answer.seconds})

    def _recall(self, question: Question) -> Answer | None:
        with self._keeping:
            answer = self._kept.get(question)
            if answer is None:
                return None
            self._kept.move_to_end(question)
        return replace(answer, seconds={"recall": 0.0})

    def _keep(self, question: Question, answer: Answer) -> None:
        with self._keeping:
            self._kept[question] = answer
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def _compute(self, scenario: Scenario) -> Answer:
        start = time.perf_counter()
        result = self._router.run(scenario)
        found = time.perf_counter()
        texts = tuple(features(result.corridors))
        members = _members(self.network, result)
        encoded = time.perf_counter()
        seconds = {"compute": found - start, "encode": encoded - found}
        return Answer(corridors=texts, members=members, seconds=seconds)


def _scenario(question: Question) -> Scenario:
    check_slack(question.slack)
    return with_ends(
        load_profile(question.profile),
        [parse_point(text, field="from") for text in question.origins],
        [parse_point(text, field="to") for text in question.destinations],
        slack=question.slack,
    )


def _members(network: Network, result: Result) -> str:
    """Members beside the features, as JSON text without its braces."""
    told = {key: value for key, value in result.provenance.items() if key != "inputs"}
    record = {**told, "attributions": attributions(network)}
    return json.dumps(record, ensure_ascii=False, allow_nan=False)[1:-1]


def attributions(network: Network) -> Sequence[str]:
    """Who must be named wherever the network or its corridors are shown, each once."""
    sources = network.meta.get("sources", [])
    return list(dict.fromkeys(str(source["attribution"]) for source in sources))
