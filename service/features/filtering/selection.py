"""Selection and order of the features in a reply."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from werkzeug.datastructures import MultiDict

from geodata.area.study_area import StudyArea
from geodata.arrays import BoolArray, Int64Array
from geodata.entries.spelling import bare
from geodata.errors import InputError
from service.features import times as moments
from service.features.collections import Collection
from service.features.coordinate_systems import CoordinateSystem, system
from service.features.filtering.cql2 import chosen
from service.web.deadline import check
from service.web.requests.query import MOST, USUAL, Query

PAGING = ("limit", "offset", "after", "bbox", "bbox-crs", "datetime", "crs")
"""Parameters of a page that every collection takes."""
FILTERING = ("filter", "filter-lang", "filter-crs", "sortby")
LANGUAGE = "cql2-text"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The selected features and the page.

    Parameters
    ----------
    rows
        All that match, in order.
    limit, offset
        The page.
    system
        System of the coordinates in the reply.
    """

    rows: Int64Array
    limit: int
    offset: int
    system: CoordinateSystem

    @property
    def page(self) -> Int64Array:
        """Rows of the page."""
        return self.rows[self.offset : self.offset + self.limit]


def select(parameters: MultiDict[str, str], here: Collection, area: StudyArea) -> Selection:
    """Read the parameters of a page, and select the features that match.

    Raises
    ------
    InputError
        When a parameter is unknown or malformed.
    """
    names = [name for name in here.types if name not in (*PAGING, *FILTERING)]
    query = Query(parameters, (*PAGING, *FILTERING, *names))
    limit = query.integer("limit", USUAL, least=1, most=MOST)
    offset = query.integer("offset", 0, least=0)
    order = query.order(tuple(here.types))
    placed = system("crs", query.optional("crs"), area)
    kept = _kept(query, here, area)
    for name in names:
        if name in parameters:
            kept = kept & here.equal(name, parameters[name])
    rows = _sorted(here, np.flatnonzero(kept), order)
    last = query.optional("after")
    if last:
        offset += _place(here, rows, last) + 1
    return Selection(rows=rows, limit=limit, offset=offset, system=placed)


def _place(here: Collection, rows: Int64Array, key: str) -> int:
    """Position of a feature among those that match."""
    row = here.find(key)
    places = np.flatnonzero(rows == row) if row is not None else rows[:0]
    if not len(places):
        remedy = "No feature of this id is among those asked for; begin at the first page again."
        raise InputError("after", key, remedy)
    return int(places[0])


def _kept(query: Query, here: Collection, area: StudyArea) -> BoolArray:
    """Features that pass box, time and filter."""
    kept = np.ones(len(here), bool)
    box = query.box()
    boxed = system("bbox-crs", query.optional("bbox-crs"), area)
    if box:
        parts = [here.within(part) for part in boxed.boxes(box)]
        kept &= np.logical_or.reduce(parts)
    text = query.optional("datetime")
    if text:
        span = moments.datetime_span(text)
        # A feature without a time matches any time (OGC 17-069r4, fc-time-response, C).
        if here.times is not None:
            kept &= np.isnat(here.times.begin) | moments.RELATIONS["t_intersects"](here.times, span)
    language = query.text("filter-lang", LANGUAGE)
    if language != LANGUAGE:
        raise InputError("filter-lang", language, f"Filters are read as {LANGUAGE}.")
    spoken = system("filter-crs", query.optional("filter-crs"), area)
    expression = query.optional("filter")
    return kept & chosen(expression, here, spoken) if expression else kept


def _sorted(here: Collection, rows: Int64Array, order: list[tuple[str, bool]]) -> Int64Array:
    """Rows sorted by keys, missing values last; equal rows keep their order."""
    if not order:
        return rows
    keys = [_ranks(here.table[name].iloc[rows], descending) for name, descending in order]
    return np.asarray(rows[np.lexsort(keys[::-1])])


def _ranks(column: pd.Series, descending: bool) -> Int64Array:
    check()
    if pd.api.types.is_string_dtype(column.dtype):
        column = column.map(_collated, na_action="ignore")
    codes, values = pd.factorize(column, sort=True)
    ranks = len(values) - 1 - codes if descending else codes
    return np.where(codes < 0, len(values), ranks)


def _collated(text: str) -> str:
    """A text to sort by: its letters without accents, then as they are."""
    return f"{bare(text)}\0{text}"
