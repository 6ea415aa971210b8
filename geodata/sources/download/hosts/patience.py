"""Limits on waiting for hosts and on repeated requests, for the loop in `transfer`."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from geodata.computing.tasks import Check, unhindered
from geodata.errors import UnreachableError

SECONDS_AT_MOST = 10**9


@dataclass
class Patience:
    """Tries and pauses for the hosts of one file.

    Parameters
    ----------
    tries
        How often a file is asked for again without getting any further.
    pause
        Seconds before the first of these; each further pause is twice as long.
    longest_pause
        Seconds of one pause at most; a host that asks for more is not waited for.
    total
        Seconds of all pauses at most.
    """

    tries: int = 5
    pause: float = 1.0
    longest_pause: float = 120.0
    total: float = 600.0
    spent: float = field(default=0.0, init=False)

    def fresh(self) -> Patience:
        """The same for another file."""
        return Patience(self.tries, self.pause, self.longest_pause, self.total)

    def wait(
        self, host: str, turn: int, requested: float | None, check: Check = unhindered
    ) -> bool:
        """Wait before a host is asked again; whether there is any patience left for that.

        Parameters
        ----------
        turn
            Which try has failed, from 1.
        requested
            Seconds that the host asked for itself.
        check
            Called once a second.

        Raises
        ------
        UnreachableError
            When the host asks for longer than anybody waits.
        """
        seconds = (
            min(self.pause * 2 ** (turn - 1), self.longest_pause)
            if requested is None
            else requested
        )
        if seconds > self.longest_pause:
            end = time.time() + min(seconds, SECONDS_AT_MOST)
            clock = datetime.fromtimestamp(end).astimezone().strftime("%Y-%m-%d %H:%M")
            remedy = f"It asks to wait for {seconds:,.0f} seconds: try again after {clock}."
            raise UnreachableError("host", host, remedy)
        if self.spent + seconds > self.total:
            return False
        self.spent += seconds
        end_of_pause = time.monotonic() + seconds
        while (rest := end_of_pause - time.monotonic()) > 0:
            check()
            time.sleep(min(rest, 1.0))
        return True


def retry_after(text: str | None, *, now: float | None = None) -> float | None:
    """Seconds that a ``Retry-After`` asks for: a number or a date; None where it is neither."""
    if not text:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:12]), SECONDS_AT_MOST))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    present = time.time() if now is None else now
    return max(0.0, moment.timestamp() - present)
