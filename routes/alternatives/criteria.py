"""Criteria that a path has to meet as an alternative, with their defaults for the command line."""

from __future__ import annotations

import math
from dataclasses import dataclass

from geodata.errors import InputError
from routes.search.slack import check_slack


@dataclass(frozen=True, kw_only=True)
class AlternativeCriteria:
    """What an alternative has to satisfy.

    Parameters
    ----------
    most
        Number of alternatives to search for, the best path included.
    sharing
        Largest share of length beside any cheaper alternative, between 0 and 1.
    slack
        How much dearer than the best a path may be, as a share of it.
    detour
        How much dearer than the cheapest way between its ends a stretch may be.
    local
        Every stretch of the path that costs up to this share of the best cost is a cheapest path.

    Raises
    ------
    InputError
        When a parameter is out of range.

    Examples
    --------
    >>> from routes import AlternativeCriteria
    >>> AlternativeCriteria(most=3, sharing=0.5).slack
    0.3
    """

    most: int = 4
    sharing: float = 0.6
    slack: float = 0.3
    detour: float = 0.5
    local: float = 0.25

    def __post_init__(self) -> None:
        check_slack(self.slack)
        if self.most < 1:
            raise InputError("most", self.most, "Ask for one way at least.")
        if not 0 < self.sharing < 1:
            remedy = "Give a share of the way between 0 and 1, both left out, such as 0.6."
            raise InputError("sharing", self.sharing, remedy)
        if not 0 < self.detour < math.inf:
            raise InputError("detour", self.detour, "Give a share above zero, such as 0.5.")
        if not 0 <= self.local <= 1:
            raise InputError("local", self.local, "Give a share between 0 and 1, such as 0.25.")
