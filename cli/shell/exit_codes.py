"""What the shell is told: a number for each kind of error."""

from __future__ import annotations

from geodata.errors import DataError, InputError, NoPathError

EXIT_CODES: dict[type[Exception], int] = {InputError: 2, DataError: 3, NoPathError: 4, OSError: 5}
"""2 wrong use, 3 bad data, 4 no path, 5 a file or disk that fails."""
FAULT = 70
"""An error in Vereda itself."""


def exit_code(error: Exception) -> int:
    """Number of an error: that of its kind, or `FAULT`."""
    return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), FAULT)
