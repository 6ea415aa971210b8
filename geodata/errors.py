"""The one family of errors. Each names the field, the value and the remedy."""

from __future__ import annotations


class VeredaError(Exception):
    """Base of every error that Vereda raises on purpose.

    Parameters
    ----------
    field
        What was wrong: a parameter, a column, a file.
    value
        What was given.
    remedy
        What the user can do about it, as a sentence.
    """

    def __init__(self, field: str, value: object, remedy: str) -> None:
        self.field, self.value, self.remedy = field, value, remedy
        super().__init__(f"{field}: {value!r}. {remedy}")


class InputError(VeredaError, ValueError):
    """Wrong use: the request can be mended by whoever made it."""


class DataError(VeredaError, ValueError):
    """A file, layer, network or result that cannot be used as it stands."""


class LostError(DataError):
    """A file that was as it has to be, and is gone or changed by now."""


class NoPathError(VeredaError, LookupError):
    """The question is sound, and no path answers it."""
