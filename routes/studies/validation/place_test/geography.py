"""Geography: what the rulers of a map would say together, fitted to events elsewhere.

A logistic regression of events against their background on the rulers, with a ridge penalty, is
the point process model of where records lie (Warton and Shepherd 2010). It is fitted on folds that
are whole blocks: what it says of an event, it says without that event or any other of its block.
An answer that does no better knows nothing that a few distances do not tell as well.

A disc's mean of a weighted sum of rulers is the weighted sum of their means, so each fold's model
is a surface like any other, and is compared as such at the events of its fold.

References
----------
Warton and Shepherd 2010, Poisson point process models solve the "pseudo-absence problem" for
presence-only data in ecology, Annals of Applied Statistics 4, 1383-1402.
Hoerl and Kennard 1970, Ridge regression, Technometrics 12, 55-67.
Roberts et al. 2017, Cross-validation strategies for data with temporal, spatial, hierarchical, or
phylogenetic structure, Ecography 40, 913-929.
Pedregosa et al. 2011, Scikit-learn: machine learning in Python, JMLR 12, 2825-2830.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from geodata.arrays import Float64Array, Int64Array
from routes.studies.validation.place_test.places import Places
from routes.studies.validation.place_test.surface_reading import Reader, SurfaceReading
from routes.studies.validation.spatial_bootstrap import require_blocks

GEOGRAPHY = "cross-validated geography"
FOLDS = 5
"""Folds of whole blocks; as many as there are blocks where these are fewer."""
PENALTY = 1.0
"""Inverse of the ridge's strength, scikit-learn's ``C``, on rulers of unit variance. Assumption."""


def geography(
    reader: Reader,
    rulers: Mapping[str, Float64Array],
    compared: Mapping[str, SurfaceReading],
    *,
    seed: int,
) -> SurfaceReading:
    """What the rulers together say at events, by models that never saw an event's block.

    Nothing, NaN, at events of a fold without a town to learn from.

    Parameters
    ----------
    rulers
        Surfaces by name.
    compared
        Each of them at the events.
    seed
        Of the folds.

    Raises
    ------
    DataError
        When all events lie in one block.
    """
    places = reader.places
    columns = [compared[name] for name in rulers]
    event, length = np.full((2, len(places.events)), np.nan)
    row, read = np.zeros(len(event), np.int64), [np.empty((0, len(places.towns)))]
    for chosen, training, towns in folds(places, seed=seed):
        if not len(towns):
            continue
        weights = _fit(columns, training, towns)
        surface = sum(
            (weight * rulers[name] for weight, name in zip(weights, rulers, strict=True)),
            np.zeros(places.area.shape),
        )
        fold = reader.compare(surface)
        event[chosen], length[chosen] = fold.event[chosen], fold.length[chosen]
        row[chosen] = sum(map(len, read)) + fold.row[chosen]
        read.append(fold.towns)
    return SurfaceReading(event=event, towns=np.concatenate(read), row=row, length=length)


def folds(places: Places, *, seed: int) -> Iterator[tuple[Int64Array, Int64Array, Int64Array]]:
    """Events of each fold, and events and towns outside its blocks.

    The blocks that hold events are split at random; towns in blocks without any always train.

    Raises
    ------
    DataError
        When all events lie in one block.
    """
    require_blocks(places.events.block)
    blocks = np.unique(places.events.block)
    split = KFold(n_splits=min(FOLDS, len(blocks)), shuffle=True, random_state=seed)
    for _, chosen in split.split(blocks):
        inside = np.isin(places.events.block, blocks[chosen])
        towns = ~np.isin(places.towns.block, blocks[chosen])
        yield np.flatnonzero(inside), np.flatnonzero(~inside), np.flatnonzero(towns)


def _fit(
    columns: Sequence[SurfaceReading], training: Int64Array, towns: Int64Array
) -> Float64Array:
    """Weight of each ruler, by some events and towns.

    Towns are read over the disc of every training event, and all together weigh as much as the
    events: they differ from them by where they lie, not by how exactly that is known.
    """
    discs, count = np.unique(columns[0].row[training], return_counts=True)
    events = np.stack([column.event[training] for column in columns], axis=1)
    background = np.stack([column.towns[np.ix_(discs, towns)] for column in columns], axis=2)
    weight = np.repeat(count / len(towns), len(towns))
    features = np.concatenate([events, background.reshape(-1, len(columns))])
    importance = np.r_[np.ones(len(events)), weight]
    middle = np.average(features, axis=0, weights=importance)
    spread = np.sqrt(np.average((features - middle) ** 2, axis=0, weights=importance))
    spread[spread == 0] = 1.0
    labels = np.r_[np.ones(len(events)), np.zeros(len(weight))]
    model = LogisticRegression(C=PENALTY, max_iter=1000)
    model.fit((features - middle) / spread, labels, sample_weight=importance)
    return np.asarray(model.coef_[0] / spread)
