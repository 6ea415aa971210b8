"""The choice among families: how fast the share of one falls with its cost.

Of a family that costs `c`, where the best one costs `b`, the weight is

- ``logit``: ``exp(-theta (c - b))``, theta per risk-adjusted hour;
- ``scaled``: ``exp(-theta (c / b - 1))``, a logit in units of the best cost;
- ``weibit``: ``(c / b) ** -theta``, a path-size weibit with its path sizes.

Shares are weights times path sizes, made to add up to one. To a logit an hour more is the same on
a way of two hours and on one of eighty; to the other two, which are free of scale, a tenth more is.

Within a family the flow chooses at every node, by sums of costs over the links to come. No power of
a cost is such a sum. There the choice is a logit in units of the family's own least cost, for both
models: a way dearer by a share x has the weight ``exp(-ALIKE theta x)``, theta taken for no less
than `LEAST_WITHIN`. For ``weibit`` this is the power ``(1 + x) ** (-ALIKE theta)`` to first order;
where the exponential is above ``exp(-n)``, their logarithms differ by no more than
``n ** 2 / (2 ALIKE theta)``.

References
----------
Castillo, Menendez, Jimenez and Rivas 2008, Closed form expressions for choice probabilities in the
Weibull case, Transportation Research Part B 42 (weibit).
Chen, Pravinvongvuth, Xu, Ryu and Chootinan 2012, Examining the scaling effect and overlapping
problem in logit-based stochastic user equilibrium models, Transportation Research Part A 46
(dispersion as a share of the least cost).
Kitthamkesorn and Chen 2013, A path-size weibit stochastic user equilibrium model, Transportation
Research Part B 57.
McFadden 1978, Modelling the choice of residential location (nests).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from geodata.arrays import Float64Array
from geodata.errors import InputError
from routes.corridors.choice.path_size import Overlap
from routes.scenario.keys.profile_form import ChoiceModel

THETA_WITHIN = 25.0
"""Dispersion of a logit within a family, per risk-adjusted hour: high, because the ways differ by a
kilometre or two. Assumption."""
ALIKE = 200.0
"""How much sharper the choice within a family is than among families, where it is free of scale:
its ways are near-copies of each other, and on a mesh so many that without it their number would
decide. Assumption; at a theta of 8 and a cost of 64 hours it is `THETA_WITHIN`."""
LEAST_WITHIN = 1.0
"""Least theta by which the ways of a family are told apart. Among families the choice may be nearly
even, as where theta follows from the share of the only one; ways would then leave roads for the
mesh. Assumption."""
NEGLIGIBLE = 5.0
"""Families whose weight is less than exp(-5) = 0.7 % of the best one's are not sought."""
LEAST_PART = 0.135
"""A part of an origin is searched by at most two dispersions less (ln 0.135).

Its families carry less.
"""
_THETAS = {"logit": (1e-4, 1e2), "scaled": (1e-3, 1e5), "weibit": (1e-3, 1e5)}
"""Dispersions among which one is sought that gives the best family an agreed share."""


@dataclass(frozen=True, kw_only=True)
class FamilyChoice:
    """How flow chooses among families of paths, and among the ways of one.

    Parameters
    ----------
    model
        How a weight falls with cost.
    theta
        Dispersion: per risk-adjusted hour for a logit, else without a unit; None where it follows
        from `best_share`.
    best_share
        Share that the best family is agreed to carry.

    Raises
    ------
    InputError
        When there is no such model.

    Examples
    --------
    >>> import numpy as np
    >>> from routes.corridors import FamilyChoice
    >>> FamilyChoice(model="weibit", theta=8.0).dearness(np.array([20.0, 22.0])).round(3)
    array([0.   , 0.095])
    """

    model: ChoiceModel = "logit"
    theta: float | None
    best_share: float | None = None

    def __post_init__(self) -> None:
        models = get_args(ChoiceModel)
        if self.model not in models:
            raise InputError("model", self.model, f"Give one of: {', '.join(models)}.")

    @property
    def scale_free(self) -> bool:
        """Whether shares are the same in any unit of cost."""
        return self.model != "logit"

    def dearness(self, costs: Float64Array) -> Float64Array:
        """How much dearer than the best each family is: what theta multiplies.

        Where the best costs nothing, whatever costs more is infinitely dearer by its share.
        """
        best = costs.min()
        above = costs - best
        if self.model == "logit":
            return np.asarray(above)
        if not best:
            return np.where(above > 0, np.inf, 0.0)
        return np.asarray(np.log1p(above / best) if self.model == "weibit" else above / best)

    def shares(self, costs: Float64Array, overlap: Overlap) -> Float64Array:
        """Share of each family.

        Parameters
        ----------
        costs
            Least cost of each family.
        overlap
            How far their best paths share their way.
        """
        assert self.theta is not None, "agreed first"
        return _shares(self.dearness(costs), overlap, theta=self.theta)

    def agreed(self, costs: Float64Array, overlap: Overlap) -> FamilyChoice:
        """With the dispersion at which the best family carries its share, by bisection.

        Where the best family carries more at any dispersion, as a single one does, the smallest is
        taken; the largest where it always carries less.
        """
        if self.theta:
            return self
        dearness = self.dearness(costs)
        low, high = _THETAS[self.model]
        for _ in range(60):
            middle = float(np.sqrt(low * high))
            first = _shares(dearness, overlap, theta=middle)[0]
            low, high = (middle, high) if first < (self.best_share or 0.5) else (low, middle)
        return replace(self, theta=high)

    def within(self, cost: float) -> float:
        """Dispersion within a family of a least cost, per risk-adjusted hour."""
        if self.model == "logit" or not cost:
            return THETA_WITHIN
        assert self.theta is not None, "agreed first"
        return ALIKE * max(self.theta, LEAST_WITHIN) / cost

    def hours_sought(self, best: float = np.inf, *, part: float = 1.0) -> float:
        """Hours above the best path beyond which families are negligible; infinite when unknown.

        Parameters
        ----------
        best
            Least cost, when it is known.
        part
            Share of an origin's flow that is loaded.
        """
        if self.theta is None:
            return np.inf
        dispersions = float(NEGLIGIBLE + np.log(max(part, LEAST_PART))) / self.theta
        if self.model == "logit":
            return dispersions
        # No slack reaches that far, and a larger power would overflow.
        return best * float(np.expm1(min(dispersions, 99.0)) if self.model == "weibit"
                            else dispersions)  # fmt: skip


def _shares(dearness: Float64Array, overlap: Overlap, *, theta: float) -> Float64Array:
    """Weights times path sizes, made to add up to one."""
    weights = np.exp(-theta * dearness)
    corrected = weights * overlap.path_size(weights)
    return np.asarray(corrected / corrected.sum())
