"""What the service is told when it starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from geodata.errors import InputError

NETWORK = Path("network")
RESULT = Path("out")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of one service; they do not change while it runs.

    Parameters
    ----------
    network
        Directory that ``vereda build`` wrote.
    result
        Directory that ``vereda corridors --output`` wrote, to be served as it is; None
        serves the network and live corridors only.
    answers
        Computed answers that are kept in memory.
    """

    network: Path = NETWORK
    result: Path | None = None
    answers: int = 64

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Settings from ``VEREDA_NETWORK``, ``VEREDA_RESULT`` and ``VEREDA_ANSWERS``.

        Without ``VEREDA_RESULT``, the result in ``out`` is served if it is there.

        Raises
        ------
        InputError
            When ``VEREDA_ANSWERS`` is not a whole number.
        """
        answers = environment.get("VEREDA_ANSWERS", str(cls.answers))
        if not answers.isdecimal():
            raise InputError("VEREDA_ANSWERS", answers, "Give a whole number such as 64.")
        result = environment.get("VEREDA_RESULT")
        return cls(
            network=Path(environment.get("VEREDA_NETWORK", NETWORK)),
            result=Path(result) if result else default_result(),
            answers=int(answers),
        )


def default_result() -> Path | None:
    """The result in ``out``, if there is one."""
    return RESULT if (RESULT / "result.json").is_file() else None
