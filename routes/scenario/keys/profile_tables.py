"""Tables of a profile: rates, weights and fees by name, and the sources of values, all checked."""

from __future__ import annotations

from collections.abc import Mapping

from geodata.entries.spelling import require_text, suggestion
from geodata.errors import InputError, require_kind
from routes.scenario.keys.profile_form import Fees, Modes, Section, Weights
from routes.scenario.keys.ranges import PROFILE_RANGES

TABLE_FORMS: dict[str, type[Section]] = {"rates": Modes, "weights": Weights, "fees": Fees}
"""Which values each table of a profile has."""


def checked_table(name: str, values: Mapping[str, float]) -> dict[str, float]:
    """A table of a profile, each value known and in its range; all that must be there are.

    Raises
    ------
    InputError
        When a value is missing, unknown or out of its range.
    """
    require_kind(values, Mapping, field=name, remedy="Give values by name.")
    known = TABLE_FORMS[name].model_fields
    for key, entry in known.items():
        if entry.is_required() and key not in values:
            raise InputError(f"{name}.{key}", None, "The value is missing; give it.")
    for key, value in values.items():
        if key not in known:
            remedy = f"{suggestion(str(key), known)}Allowed here: {', '.join(known)}."
            raise InputError(f"{name}.{key}", value, remedy)
    if not values:
        raise InputError(name, None, f"Give one at least of: {', '.join(known)}.")
    span = PROFILE_RANGES[name]
    return {key: span.check(f"{name}.{key}", value) for key, value in values.items()}


def checked_sources(sources: Mapping[str, str]) -> dict[str, str]:
    """The source of every value, a text by path.

    Raises
    ------
    InputError
        When one of them is no text.
    """
    require_kind(sources, Mapping, field="sources", remedy="Give texts by the path of the value.")
    return {
        require_text(path, field="sources"): require_text(text, field=f"sources.{path}")
        for path, text in sources.items()
    }
