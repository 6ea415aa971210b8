"""What is reported of downloads: how much is to come, and how far a file is."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from geodata.errors import InputError
from geodata.sources.download.downloader import Downloader
from geodata.sources.download.hosts.transfer import Meter
from geodata.sources.download.providers.providers import Remote

_REPORT_SECONDS = 5.0


def announce(downloader: Downloader, remotes: Sequence[Remote]) -> None:
    """Report how much is to come, and refuse more than is allowed.

    Raises
    ------
    InputError
        When the hosts announce more than the downloader may fetch.
    """
    files = list({remote.url: remote for remote in remotes}.values())
    if not files:
        return
    # The size of what is put together row by row, or by a database, is not known before.
    plain = [remote for remote in files if not remote.by_rows]
    unknown = len(files) - len(plain)
    size = 0
    if not downloader.offline:
        downloader.say(f"asking how large {_counted(len(plain), 'file')} will be")
        size, silent = downloader.missing_bytes(plain)
        unknown += silent
    beyond = f" and {_counted(unknown, 'file')} of unknown size" if unknown else ""
    downloader.say(f"{_counted(len(files), 'file')}, {size / 1e6:,.0f} MB to come{beyond}")
    if size > downloader.bytes_left:
        remedy = (
            f"That is more than {downloader.bytes_left / 1e9:,.1f} GB: allow it with --most, or "
            "fetch fewer roles."
        )
        raise InputError("most", f"{size / 1e9:,.1f} GB to come", remedy)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class Meters:
    """Reports every few seconds how far a file is."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report

    def of(self, name: str) -> Meter:
        """A meter for one file."""
        begun = reported = time.monotonic()
        first: int | None = None

        def meter(size: int, total: int | None) -> None:
            nonlocal reported, first
            first = size if first is None else first
            present = time.monotonic()
            if present - reported < _REPORT_SECONDS:
                return
            reported = present
            of_total = f" of {total / 1e6:,.0f}" if total else ""
            rate = (size - first) / 1e6 / max(present - begun, 0.001)
            self._report(f"{name}: {size / 1e6:,.0f}{of_total} MB, {rate:,.1f} MB/s")

        return meter
