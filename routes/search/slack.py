"""The slack: how much dearer than the best path another may be, as a share of it."""

from __future__ import annotations

from numbers import Real

from geodata.errors import InputError, require_kind

MAX_SLACK = 1.0
SLACK_REMEDY = f"Give a share of the best cost between 0 and {MAX_SLACK:g}, such as 0.1."


def check_slack(slack: float) -> float:
    """The relative slack, refused unless it is between 0 and `MAX_SLACK`."""
    require_kind(slack, Real, field="slack", remedy=SLACK_REMEDY)
    if not 0 <= slack <= MAX_SLACK:
        raise InputError("slack", slack, SLACK_REMEDY)
    return slack
