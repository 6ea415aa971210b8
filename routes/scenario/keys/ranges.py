"""Least and largest values of the numbers from which costs are computed.

Costs are added up in single precision, which has seven digits. Within these ranges no cost of an
arc, and no sum of costs along a path, overflows or underflows, for any combination of rates,
weights, fees, edits and draws. A cost of zero is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

from geodata.errors import InputError, VeredaError

if TYPE_CHECKING:
    from geodata.arrays import BoolArray, Float64Array


@dataclass(frozen=True, kw_only=True)
class Range:
    """Numbers between two bounds, both included.

    Parameters
    ----------
    least, most
        The bounds; `least` is above zero.
    zero
        Whether zero, below `least`, is allowed as well.
    """

    least: float
    most: float
    zero: bool = True

    def __contains__(self, value: object) -> bool:
        # Nearly all are floats; to ask an abstract class takes longer than all else here.
        if type(value) is not float and (isinstance(value, bool) or not isinstance(value, Real)):
            return False
        try:
            # In single precision a bound would be rounded as well.
            number = float(value)
        except OverflowError:
            return False
        return self.least <= number <= self.most or (self.zero and number == 0)

    def holds(self, values: Float64Array) -> BoolArray:
        """Which of some values lie in the range."""
        inside = (values >= self.least) & (values <= self.most)
        return inside | (values == 0) if self.zero else inside

    @property
    def remedy(self) -> str:
        """The range in words, as a remedy."""
        return f"Give {'0, or ' if self.zero else ''}a number from {self.least:g} to {self.most:g}."

    def check(
        self, field: str, value: Any, *, error: type[VeredaError] = InputError, hint: str = ""
    ) -> float:
        """Return the value as a float; refuse one outside the range.

        Parameters
        ----------
        field
            Name of the value in errors, as the user wrote it.
        error
            Class of the error; `DataError` for a value in a file.
        hint
            Advice to add to the remedy.

        Raises
        ------
        VeredaError
            An `error`, which names field, value and remedy.
        """
        if value not in self:
            raise error(field, value, f"{self.remedy} {hint}".strip())
        return float(value)

    def nearest(self, value: float) -> float:
        """The value, moved to the nearest bound when it lies outside; zero stays zero."""
        return value if self.zero and value == 0 else min(max(value, self.least), self.most)


RATE = Range(least=1e-3, most=1e3)
"""Risk-adjusted hours that an hour of travel costs."""
WEIGHT = Range(least=1e-6, most=100.0)
"""How much dearer full state presence makes an hour."""
HOURS = Range(least=1e-6, most=1e4)
"""Hours of fees, of entries and that an edit adds: up to more than a year."""
FACTOR = Range(least=1e-3, most=1e3)
"""Factor of an edit, or of the pace of a draw."""
SPREAD = Range(least=1e-6, most=1.0)
"""Standard deviation of the logarithm of a factor, or of the noise of a score."""
THETA = Range(least=1e-4, most=1e6, zero=False)
"""Dispersion: per risk-adjusted hour in a logit, else without a unit."""
SHARE = Range(least=1e-4, most=0.9999, zero=False)
"""Share of the flow that the best corridor is agreed to carry."""
DEMAND = Range(least=1e-6, most=1e6, zero=False)
"""Flow that begins at an origin, or goes between a pair of ends."""
PART = Range(least=1e-30, most=DEMAND.most, zero=False)
"""The same from one place of an origin, or to one destination, where several share its flow."""
PROFILE_RANGES = {"rates": RATE, "weights": WEIGHT, "fees": HOURS, "choice": THETA}
"""Range of the values of a profile, by the table that they stand in; of `choice`, that of theta."""
PORTION = Range(least=1e-6, most=1.0, zero=False)
"""Share of an origin's flow that goes to one destination."""
MEAN_PORTION = Range(least=1e-24, most=1.0, zero=False)
"""The same of other origins: a mean weighted by demand may be far smaller."""
ARC = Range(least=1e-15, most=1e15)
"""Cost of an arc that results from all of these."""
