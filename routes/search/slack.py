"""The slack: how much dearer than the best path another may be, as a share of it."""

from __future__ import annotations

from numbers import Real

from geodata.errors import InputError, require_kind

MAX_SLACK = 1.0
SLACK_REMEDY = f"Give a share of the best cost between 0 and {MAX_SLACK:g}, such as 0.1."


def check_slack(slack: float) -> float:
    """Return the relative slack; refuse one that is not between 0 and `MAX_SLACK`."""
    require_kind(slack, Real, field="slack", remedy=SLACK_REMEDY)
    if not 0 <= slack <= MAX_SLACK:
        raise InputError("slack", slack, SLACK_REMEDY)
    return slack


def as_share(slack_hours: float, best: float) -> float:
    """Slack in hours as a share of the least cost; zero when the best path costs nothing.

    Raises
    ------
    InputError
        When the slack is more than `MAX_SLACK` of the least cost.
    """
    if slack_hours > MAX_SLACK * best:
        remedy = f"The best path costs {best:.1f} risk-adjusted hours: give no more than "
        remedy += f"{MAX_SLACK * best:.1f}."
        raise InputError("slack_hours", slack_hours, remedy)
    return slack_hours / best if best else 0.0
