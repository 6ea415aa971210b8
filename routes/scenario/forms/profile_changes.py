"""Changes to a flow profile: keys that are not named keep their values."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from geodata.entries.forms import Form, Text
from routes.scenario.keys.profile_form import Choice, ChoiceModel, Fee, Modes, Section, Weight
from routes.scenario.profiles import Profile

_SECTIONS = ("modes", "weights", "fees", "choice")


class WeightChanges(Section):
    """Weights of the scores, some of them."""

    remoteness: Weight | None = None
    weakness: Weight | None = None


class FeeChanges(Section):
    """Fees by kind of gateway, some of them."""

    formal: Fee | None = None
    informal: Fee | None = None
    port: Fee | None = None
    landing: Fee | None = None
    mouth: Fee | None = None
    bank: Fee | None = None


class ChoiceChanges(Choice):
    """How flow spreads over corridors: a model, or that of the base, and one of the two others."""

    model: ChoiceModel | None = Field(  # type: ignore[assignment]  # None: that of the base
        default=None,
        description="As in a profile; without it that of the base, whose unit theta then has",
    )


class ProfileChanges(Form):
    """Changes to a flow profile, each value with its source; what is not named stays."""

    base: Text = Field(description="Name of the profile that is changed")
    name: Text | None = Field(default=None, description="What the changed profile is called")
    title: Text | None = None
    modes: Modes | None = None
    weights: WeightChanges | None = None
    fees: FeeChanges | None = None
    choice: ChoiceChanges | None = None

    def of(self, base: Profile) -> Profile:
        """The changed profile.

        Parameters
        ----------
        base
            The profile that the key `base` names.
        """
        changes = {name: part for name in _SECTIONS if (part := getattr(self, name)) is not None}
        values = {name: part.values() for name, part in changes.items()}
        choice = values.get("choice", {"theta": base.theta, "best_share": base.best_share})
        model = self.choice.model if self.choice and self.choice.model else base.model
        replaced = "choice." if "choice" in changes else ()
        sources = {
            path: source for path, source in base.sources.items() if not path.startswith(replaced)
        }
        for section, part in changes.items():
            sources |= {f"{section}.{name}": source for name, _, source in part.entries()}
        return replace(
            base,
            name=self.name or f"{base.name}, changed",
            title=self.title or base.title,
            flow="" if self.title else base.flow,
            rates={**base.rates, **values.get("modes", {})},
            weights={**base.weights, **values.get("weights", {})},
            fees={**base.fees, **values.get("fees", {})},
            theta=choice.get("theta"),
            best_share=choice.get("best_share"),
            model=model,
            sources=sources,
        )
