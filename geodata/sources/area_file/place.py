"""Where a study is, and how fine its grid."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from geodata.area.box import Box, box_fault
from geodata.area.study_area import FRINGE_CELLS
from geodata.entries.forms import Form, refuse
from geodata.sources.area_file.texts import Codes, Divisions, OnePath, Several, text_pattern


class Area(Form):
    """``[area]``: where a study is, and how fine its grid.

    Exactly one of `bbox`, `polygon` and `iso` says where. Countries that are left out are
    those of `iso`, or else all that the layers have there. `titles` is a file of what the region,
    its countries and waters are called; `manifest` one of licences and hashes of files.
    """

    name: Annotated[
        str, text_pattern(re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"), "Give letters and digits.")
    ]
    titles: OnePath | None = None
    manifest: OnePath | None = None
    bbox: Annotated[tuple[float, ...], Several] | None = None
    polygon: OnePath | None = None
    iso: Divisions = ()
    countries: Codes = ()
    neighbours: Codes = ()
    cell_m: Annotated[float, Field(ge=20, le=50_000)] = 2000.0
    fringe_km: Annotated[float, Field(ge=0, le=1000)] | None = None
    fringe_cells: Annotated[float, Field(ge=0, le=10_000)] | None = None

    @field_validator("bbox")
    @classmethod
    def _box(cls, box: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if box is not None:
            if len(box) != 4:
                raise refuse("Give four numbers: west, south, east, north, in degrees.")
            fault = box_fault(Box(*box))
            if fault:
                raise refuse(fault)
        return box

    @model_validator(mode="after")
    def _one(self) -> Self:
        places = [key for key in ("bbox", "polygon", "iso") if getattr(self, key)]
        if len(places) != 1:
            raise refuse("Say where in exactly one way: bbox, polygon or iso.")
        if self.fringe_km is not None and self.fringe_cells is not None:
            raise refuse("Give either fringe_km or fringe_cells.", at=".fringe_km",
                         value=self.fringe_km)  # fmt: skip
        both = set(self.countries) & set(self.neighbours)
        if both:
            code = sorted(both)[0]
            raise refuse("A country is studied or a neighbour, not both.", at=".neighbours",
                         value=code)  # fmt: skip
        return self

    @property
    def fringe(self) -> float:
        """Depth of the strip of a neighbour that is meshed, in cells."""
        if self.fringe_km is not None:
            return self.fringe_km * 1000 / self.cell_m
        return FRINGE_CELLS if self.fringe_cells is None else self.fringe_cells

    @property
    def box(self) -> Box | None:
        """West, south, east, north, where they are given."""
        return None if self.bbox is None else Box(*self.bbox)
