"""Names of a region, its countries and its waters, in the languages of its maps."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from geodata.entries.spelling import suggestion

Degrees = Annotated[float, Field(ge=-540, le=540)]
Point = tuple[Degrees, Degrees]
"""Longitude and latitude."""


@dataclass(frozen=True, kw_only=True)
class Titles:
    """Names that maps and pages of one region show, and that no other region may show.

    Parameters
    ----------
    region
        Name of the region in the middle of a sentence; empty when unknown.
    about
        The question studied in the region, in a sentence or two.
    countries
        Names of countries by ISO 3166-1 code.
    waters
        Names of seas and bays with the point where each is written.
    boating
        Waters that a sound network reaches by boat from `open_sea`.
    open_sea
        A point far from land; None for a region without sea.
    words
        The region's names, by language and by key of the map page's texts.

    Examples
    --------
    >>> titles = Titles(region="the lowlands", countries={"XA": "Alland"})
    >>> titles.country("XA"), titles.country("XB")
    ('Alland', 'XB')
    """

    region: str = ""
    about: str = ""
    countries: Mapping[str, str] = field(default_factory=dict)
    waters: tuple[tuple[str, Degrees, Degrees], ...] = ()
    boating: Mapping[str, Point] = field(default_factory=dict)
    open_sea: Point | None = None
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def country(self, code: str) -> str:
        """The name of a country, or its code where the name is unknown."""
        return self.countries.get(code, code)

    def naming(self, codes: Iterable[str]) -> Titles:
        """A copy of the titles, with the usual names of countries that have none here.

        Examples
        --------
        >>> titles = Titles(countries={"IS": "Ísland"}).naming(["IS", "FO", "XA"])
        >>> dict(titles.countries), titles.words["es"]["country.FO"]
        ({'FO': 'Faroe Islands', 'IS': 'Ísland'}, 'Islas Feroe')
        """
        usual = _country_names()
        left = [code for code in codes if code not in self.countries and code in usual["en"]]
        if not left:
            return self
        spanish = {f"country.{code}": usual["es"][code] for code in left}
        return replace(
            self,
            countries={**{code: usual["en"][code] for code in left}, **self.countries},
            words={**self.words, "es": {**spanish, **self.words.get("es", {})}},
        )

    def record(self) -> dict[str, Any]:
        """The titles as a JSON object."""
        return asdict(self)

    @classmethod
    def read(cls, record: object) -> Titles:
        """Read titles that `record` wrote.

        Raises
        ------
        ValueError
            When a field has a value of the wrong type, or an unknown name.
        """
        known = [each.name for each in fields(cls)]
        for name in record if isinstance(record, Mapping) else ():
            if name not in known:
                guess = suggestion(str(name), known)
                raise ValueError(f"There is no {name}. {guess}Allowed here: {', '.join(known)}.")
        try:
            return _reader().validate_python(record)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ValueError(f"{where}: {first['msg']}.") from error


@cache
def _country_names() -> Mapping[str, Mapping[str, str]]:
    """Names of countries by language and code."""
    content = files("geodata.area").joinpath("country_names.toml").read_text("utf-8")
    return tomllib.loads(content)


@cache
def _reader() -> TypeAdapter[Titles]:
    return TypeAdapter(Titles)
