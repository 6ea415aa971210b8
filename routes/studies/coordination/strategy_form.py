"""The form of a strategy file: a flow, its actors and the measures of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from geodata.entries.forms import Form, Text, refuse
from geodata.errors import InputError, VeredaError
from routes.scenario.demand import Endpoint
from routes.scenario.edits import read_edits
from routes.scenario.forms.scenario_form import Name, ScenarioForm, parse_ends
from routes.scenario.keys.fields import AVOID, CLOSE, DRAWS, MOST_DRAWS, STRENGTHEN
from routes.scenario.profiles import Profile, load_profile
from routes.scenario.scenario import Scenario
from routes.studies.coordination.actors import MOST_ACTORS, NOBODY, Actor

MOST_ELASTICITIES = 10
MOST_ELASTICITY = 10.0
"""As far as ``vereda compare`` goes."""


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, int | float) else value


def _distinct(values: list[float]) -> list[float]:
    for place, value in enumerate(values):
        if value in values[:place]:
            raise refuse("It is given twice; give each once.", at=f"[{place}]", value=value)
    return values


Elasticities = Annotated[
    list[Annotated[float, Field(ge=0, le=MOST_ELASTICITY)]],
    Field(min_length=1, max_length=MOST_ELASTICITIES),
    BeforeValidator(_listed),
    AfterValidator(_distinct),
]


class ActorForm(Form):
    """An actor of a strategy file; its measures are those of a scenario."""

    name: Text
    country: Text | None = None
    avoid: list[Name] = Field(default_factory=list, description=AVOID.meaning)
    close: list[Name] = Field(default_factory=list, description=CLOSE.meaning)
    strengthen: list[Name] = Field(default_factory=list, description=STRENGTHEN.meaning)

    @model_validator(mode="after")
    def _measures(self) -> Self:
        if not (self.avoid or self.close or self.strengthen):
            remedy = "It has no measures: give close, avoid or strengthen."
            raise refuse(remedy, at=".name", value=self.name)
        if self.name == NOBODY:
            raise refuse("This is what the coalition without actors is called; give another name.",
                         at=".name", value=self.name)  # fmt: skip
        return self

    def actor(self, within: str) -> Actor:
        """The actor; errors name the key of the file, whose path begins with `within`."""
        try:
            edits = read_edits(avoid=self.avoid, shut=self.close, strengthen=self.strengthen)
        except VeredaError as error:
            raise type(error)(f"{within}.{error.field}", error.value, error.remedy) from None
        named = tuple(replace(edit, field=f"{within}.{edit.field}") for edit in edits)
        return Actor(name=self.name, country=(self.country or "").upper(), edits=named)


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """A flow, and actors who may act on it.

    Parameters
    ----------
    name
        Title of the strategy.
    scenario
        The flow while nobody acts.
    actors
        The actors.
    elasticities
        By how many percent the flow of a demand falls when its least cost rises by one percent;
        everything is said for each.
    draws, seed
        Paired draws for intervals, 0 for none, and what they follow from.
    """

    name: str
    scenario: Scenario
    actors: tuple[Actor, ...]
    elasticities: tuple[float, ...] = (0.0,)
    draws: int = 0
    seed: int = 1

    def record(self) -> dict[str, Any]:
        """Everything that determines the answer, as a JSON object."""
        return {
            "name": self.name,
            "scenario": self.scenario.record(),
            "actors": [
                {"name": actor.name, "country": actor.country,
                 "edits": [edit.record() for edit in actor.edits]}
                for actor in self.actors
            ],
            "elasticities": list(self.elasticities),
            "draws": self.draws,
            "seed": self.seed,
        }  # fmt: skip


class StrategyForm(ScenarioForm):
    """A strategy file: the keys of a scenario, and its actors."""

    name: Text | None = None
    network: Text | None = None
    draws: Annotated[int, Field(ge=0, le=MOST_DRAWS)] = DRAWS.default
    elasticity: Elasticities = Field(default_factory=lambda: [0.0])
    actors: list[ActorForm] = Field(alias="actor", min_length=1)

    @model_validator(mode="after")
    def _few_actors(self) -> Self:
        if len(self.actors) > MOST_ACTORS:
            remedy = (
                f"At most {MOST_ACTORS} actors: each coalition of them is computed, "
                f"{2**MOST_ACTORS} of {MOST_ACTORS}. Join some that act together."
            )
            raise refuse(remedy, at=".actor", value=len(self.actors))
        names = [actor.name for actor in self.actors]
        for place, name in enumerate(names):
            if name in names[:place]:
                remedy = "Another actor has this name; give each its own."
                raise refuse(remedy, at=f".actor[{place}].name", value=name)
        return self

    def strategy(
        self,
        *,
        name: str,
        read_profile: Callable[[str], Profile] = load_profile,
        read_ends: Callable[..., tuple[Endpoint, ...]] = parse_ends,
    ) -> Strategy:
        """The strategy of the form.

        Parameters
        ----------
        name
            Title where the form has none.
        read_profile, read_ends
            As `ScenarioForm.scenario` takes them.

        Raises
        ------
        InputError
            When a text is wrong by itself; names are looked up later.
        """
        return Strategy(
            name=self.name or name,
            scenario=self.scenario(read_profile=read_profile, read_ends=read_ends),
            actors=tuple(form.actor(f"actor[{place}]") for place, form in enumerate(self.actors)),
            elasticities=tuple(self.elasticity),
            draws=self.draws,
            seed=self.seed,
        )


def check_grounds(strategy: Strategy, countries: list[str]) -> None:
    """Refuse actors whose country is none of the network.

    Raises
    ------
    InputError
        Naming the actor's key and the countries that there are.
    """
    for place, actor in enumerate(strategy.actors):
        if actor.country and actor.country not in countries:
            remedy = f"Give one of {', '.join(countries)}, or leave it out for an agency."
            raise InputError(f"actor[{place}].country", actor.country, remedy)
