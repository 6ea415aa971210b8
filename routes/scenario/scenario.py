"""A scenario: a checked question to the router, and its record in JSON."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from geodata.entries.forms import read_form
from geodata.entries.numbers import as_float
from geodata.entries.spelling import require_text
from geodata.errors import DataError, InputError, VeredaError, require_all, require_kind
from routes.phrases import number
from routes.scenario.demand import Endpoint, Pair, Share
from routes.scenario.edits import Edit
from routes.scenario.keys.fields import SLACK
from routes.scenario.keys.profile_form import RecordedEnd, RecordedFlow, RecordedShare
from routes.scenario.profiles import Profile
from routes.search.slack import check_slack

_AGAIN = "The result's scenario cannot be read; compute it again: vereda corridors."


@dataclass(frozen=True, kw_only=True, repr=False)
class Scenario:
    """One question to the router: a profile, a slack, edits and stops.

    Parameters
    ----------
    profile
        The flow, with its origins and destinations.
    slack
        How much dearer than the best a path may be, as a share of the best.
    slack_hours
        The same in risk-adjusted hours; it takes the place of `slack` when given.
    edits
        Things closed, avoided or strengthened.
    via
        Things that every path must pass, in this order.

    Raises
    ------
    InputError
        When the slack is out of range, or a field has a value of the wrong type.

    Examples
    --------
    >>> from routes import Scenario, close, load_profile
    >>> closing = Scenario(profile=load_profile("cocaine-north"), edits=(close("a bridge"),))
    >>> closing
    <Scenario cocaine-north: slack 15%, 1 edit>
    """

    profile: Profile
    slack: float = SLACK.default
    slack_hours: float | None = None
    edits: tuple[Edit, ...] = ()
    via: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        remedy = "Give a profile, such as load_profile('cocaine-north')."
        require_kind(self.profile, Profile, field="profile", remedy=remedy)
        remedy = "Give edits in a tuple, such as (close('NAME'),)."
        object.__setattr__(
            self, "edits", require_all(self.edits, Edit, field="edits", remedy=remedy)
        )
        remedy = "Give names in a tuple, such as ('NAME',)."
        names = require_all(self.via, str, field="via", remedy=remedy)
        names = tuple(require_text(name, field="via") for name in names)
        object.__setattr__(self, "via", names)
        object.__setattr__(self, "slack", float(check_slack(self.slack)))
        if self.slack_hours is not None:
            remedy = "Give hours, zero or more."
            require_kind(self.slack_hours, Real, field="slack_hours", remedy=remedy)
            if not 0 <= self.slack_hours <= sys.float_info.max:
                raise InputError("slack_hours", self.slack_hours, remedy)
            object.__setattr__(self, "slack_hours", float(self.slack_hours))

    def __repr__(self) -> str:
        """What differs from one scenario to the next: the profile in full would fill a notebook."""
        hours = self.slack_hours
        slack = f"{100 * self.slack:.4g}%" if hours is None else f"{hours:g} h"
        via = f", via {', '.join(self.via)}" if self.via else ""
        edits = number(len(self.edits), "edit")
        return f"<Scenario {self.profile.name}: slack {slack}, {edits}{via}>"

    def record(self) -> dict[str, Any]:
        """Everything that determines the result, as a JSON object.

        Examples
        --------
        >>> from routes import Scenario, load_profile
        >>> Scenario(profile=load_profile("cocaine-north"), slack=0.1).record()["slack"]
        0.1
        """
        profile = self.profile
        return {
            "profile": profile.name,
            "title": profile.title,
            "slack": self.slack,
            "slack_hours": self.slack_hours,
            "edits": [edit.record() for edit in self.edits],
            "via": list(self.via),
            "rates": dict(profile.rates),
            "weights": dict(profile.weights),
            "fees": dict(profile.fees),
            "theta": profile.theta,
            "best_share": profile.best_share,
            # Left out where it is as it was in versions that had no other.
            **({} if profile.model == "logit" else {"model": profile.model}),
            "pairs": [pair.record() for pair in profile.pairs],
            **({"shares": [each.record() for each in profile.shares]} if profile.shares else {}),
            "origins": [end.record() for end in profile.origins],
            "destinations": [end.record() for end in profile.destinations],
            "sources": dict(profile.sources),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Scenario:
        """The scenario that `record` wrote into a result.

        Parameters
        ----------
        record
            The key `scenario` of a result's provenance.

        Raises
        ------
        DataError
            When a field is missing, of the wrong kind or out of its range.

        Examples
        --------
        >>> from routes import Scenario, load_profile
        >>> scenario = Scenario(profile=load_profile("cocaine-north"), slack=0.1)
        >>> Scenario.from_record(scenario.record()) == scenario
        True
        """
        try:
            flow = read_form(
                RecordedFlow,
                {name: record[name] for name in RecordedFlow.model_fields if name in record},
            )
            profile = Profile(
                name=record["profile"],
                title=record["title"],
                rates=dict(record["rates"]),
                weights=dict(record["weights"]),
                fees=dict(record["fees"]),
                theta=record["theta"],
                best_share=record.get("best_share"),
                model=flow.model,
                pairs=tuple(Pair(**dict(pair)) for pair in flow.pairs),
                shares=tuple(_share(each) for each in flow.shares),
                origins=tuple(_end(end) for end in flow.origins),
                destinations=tuple(_end(end) for end in flow.destinations),
                sources=dict(record["sources"]),
            )
            return cls(
                profile=profile,
                slack=as_float(record["slack"]),
                slack_hours=record.get("slack_hours"),
                edits=tuple(_edit(edit) for edit in record.get("edits", ())),
                via=tuple(record.get("via", ())),
            )
        except VeredaError as error:
            remedy = f"{error.remedy} {_AGAIN}"
            raise DataError(f"scenario.{error.field}", error.value, remedy) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DataError("scenario", str(error), _AGAIN) from error


def _end(form: RecordedEnd) -> Endpoint:
    """An end of a record."""
    return Endpoint(name=form.name, at=form.at.record(), demand=form.demand, entry=form.entry)


def _share(form: RecordedShare) -> Share:
    """A share of a record."""
    return Share(origin=form.origin, destinations=tuple(form.destinations), share=form.share)


def _edit(record: Mapping[str, Any]) -> Edit:
    """An edit from a record. JSON has no infinity, so a factor of null closes the thing."""
    factor = np.inf if record["factor"] is None else as_float(record["factor"])
    return Edit(target=record["target"], factor=factor, hours=as_float(record["hours"]))
