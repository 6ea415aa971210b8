"""A question to the service: a scenario, with alternatives and draws."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from geodata.computing.tasks import computed_once
from routes.scenario.ends.endpoints import SCATTERED
from routes.scenario.forms.scenario_form import Inputs
from routes.scenario.scenario import Scenario


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question to the service; questions with equal keys have equal answers.

    Parameters
    ----------
    scenario
        The flow between its ends.
    alternatives
        Number of further alternatives between one origin and one destination.
    draws, seed
        Number of draws for intervals, 0 for none, and their seed.
    """

    scenario: Scenario
    alternatives: int
    draws: int
    seed: int

    @classmethod
    def of(cls, form: Inputs) -> Question:
        """The question of a form that a client filled in.

        Raises
        ------
        InputError
            When a text is wrong in itself; names are looked up later.
        """
        return cls(
            scenario=form.scenario(),
            alternatives=form.alternatives,
            draws=form.draws,
            seed=form.seed,
        )

    @property
    def brief(self) -> bool:
        """Whether the answer takes milliseconds: flow leaves a single place and has no stops.

        With stops, the network has to be laid out again. Any number of destinations is fast where
        one tree serves them all; by pairs and by shares each has its own.
        """
        profile = self.scenario.profile
        first, *others = profile.origins
        one = "name" in first.at or first.at["layer"] not in SCATTERED
        alone = one and not others and len(profile.demands()) == 1
        return alone and not self.alternatives and not self.scenario.via

    @computed_once
    def key(self) -> str:
        """Hash of everything that determines the answer on one network."""
        parts = [
            self.scenario.record(),
            self.alternatives,
            self.draws,
            self.seed if self.draws else 0,
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
