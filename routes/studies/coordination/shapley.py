"""Shapley values: what each member of a coalition contributes (Shapley 1953).

The value of member ``i`` is the mean of ``v(S and i) - v(S)`` over all orders in which the members
may join, ``S`` being those before ``i``. A coalition is a row whose number has the bit of each of
its members set: row 0 has nobody, the last row everybody.
"""

from __future__ import annotations

from math import factorial

import numpy as np

from geodata.arrays import Float64Array


def shapley_weights(members: int) -> Float64Array:
    """Weight of each coalition in the value of each member; shape (members, 2 ** members).

    A coalition ``S`` of ``s`` among ``n`` members counts ``(s - 1)! (n - s)! / n!`` for each of its
    own, and ``- s! (n - s - 1)! / n!`` for each other.

    Examples
    --------
    >>> from routes.studies.coordination import shapley_weights
    >>> shapley_weights(2).tolist()
    [[-0.5, 0.5, -0.5, 0.5], [-0.5, -0.5, 0.5, 0.5]]
    """
    weights = np.zeros((members, 2**members))
    for member in range(members):
        for coalition in range(2**members):
            size = coalition.bit_count()
            if coalition >> member & 1:
                weight = factorial(size - 1) * factorial(members - size)
            else:
                weight = -factorial(size) * factorial(members - size - 1)
            weights[member, coalition] = weight / factorial(members)
    return weights


def shapley_values(values: Float64Array) -> Float64Array:
    """Shapley value of each member; they sum to what all achieve beyond nobody.

    Parameters
    ----------
    values
        What each coalition achieves, shape (..., 2 ** members, quantities).

    Returns
    -------
    ndarray
        Shape (..., members, quantities).

    Examples
    --------
    >>> import numpy as np
    >>> from routes.studies.coordination import shapley_values
    >>> shapley_values(np.array([[0.0], [1.0], [2.0], [5.0]])).tolist()
    [[2.0], [3.0]]
    """
    members = int(values.shape[-2]).bit_length() - 1
    return np.asarray(shapley_weights(members) @ values)
