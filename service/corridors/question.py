"""What is asked of the service, in the words of a client."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from geodata.errors import InputError
from routes.scenario.edits import Edit, close, parse_strengthening
from routes.scenario.endpoints import SCATTERED, parse_end
from routes.scenario.profiles import Profile, load_profile
from routes.scenario.scenario import Scenario


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of the service; equal keys have equal answers.

    Parameters
    ----------
    scenario
        The flow between its ends.
    alternatives
        Further ways sought between one origin and one destination; none when 0.
    draws, seed
        Draws for intervals; none when 0.
    """

    scenario: Scenario
    alternatives: int = 0
    draws: int = 0
    seed: int = 1

    @property
    def single_origin(self) -> bool:
        """Whether it is about a single place that flow leaves: its answer takes milliseconds."""
        first, *others = self.scenario.profile.origins
        one = "name" in first.at or first.at["layer"] not in SCATTERED
        return one and not others and not self.alternatives

    @cached_property
    def key(self) -> str:
        """Hash of all that decides the answer on a given network."""
        parts = [
            self.scenario.record(),
            self.alternatives,
            self.draws,
            self.seed if self.draws else 0,
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A question in the words of a client.

    Parameters
    ----------
    profile
        Name of a shipped profile, or one of the client's own.
    origins, destinations
        ``LON,LAT``, names or collections; the profile's own when empty.
    slack, slack_hours, alternatives, draws, seed
        As in `Scenario` and `Question`.
    via, avoid, shut
        Names of what must, or must not, be passed; `shut` is told as ``close``.
    strengthen
        ``NAME=HOURS`` or ``NAME=xFACTOR``.
    """

    profile: str | Profile
    origins: Sequence[str] = ()
    destinations: Sequence[str] = ()
    slack: float
    slack_hours: float | None = None
    via: Sequence[str] = ()
    avoid: Sequence[str] = ()
    shut: Sequence[str] = ()
    strengthen: Sequence[str] = ()
    alternatives: int = 0
    draws: int = 0
    seed: int = 1

    def question(self) -> Question:
        """What is asked.

        Raises
        ------
        InputError
            When a word is wrong by itself; names are looked up later.
        """
        flow = load_profile(self.profile) if isinstance(self.profile, str) else self.profile
        if self.alternatives and not (len(self.origins) == len(self.destinations) == 1):
            remedy = "Give one origin and one destination with it, or leave it out."
            raise InputError("alternatives", self.alternatives, remedy)
        return Question(
            scenario=Scenario(
                profile=flow.between(
                    tuple(parse_end(text, field="from") for text in self.origins),
                    tuple(parse_end(text, field="to") for text in self.destinations),
                ),
                slack=self.slack,
                slack_hours=self.slack_hours,
                via=tuple(self.via),
                edits=self._edits(),
            ),
            alternatives=self.alternatives,
            draws=self.draws,
            seed=self.seed,
        )

    def _edits(self) -> tuple[Edit, ...]:
        return (
            *(close(name, field="avoid") for name in self.avoid),
            *(close(name, field="close") for name in self.shut),
            *(parse_strengthening(text, field="strengthen") for text in self.strengthen),
        )
