"""Limits on rate, counted by all processes of a service together.

The library `limits` does the reckoning, and its `RedisStorage` counts for several services. It has
no storage that the processes of one service share without a server: its `MemoryStorage` counts in
each by itself, so that N processes would let N times the rate pass. nginx could count addresses,
but not tokens, nor distinguish requests that compute from those that read; hence `SharedMemory`.
"""

from __future__ import annotations

import hashlib
import logging
import math
import mmap
import os
import struct
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_UN, lockf
from pathlib import Path

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter

from service.state import Settings
from service.state.redis_addresses import pool_of
from service.web.problems.problems import Refusal

USUAL = {"read": "6000/minute", "compute": "60/minute"}
"""Default rates of a service that other machines can reach."""

_ANSWER_SECONDS, _PAUSE_SECONDS = 1.0, 10.0
"""Seconds to wait for Redis, and seconds before the next attempt when it did not answer."""
_SLOT = struct.Struct("<QdQ")
_SLOTS = 1 << 15
_PROBES = 8
logger = logging.getLogger(__name__)


class SharedMemory(Storage):
    """Counters of `limits` in memory that forked processes share.

    A slot holds the hash of a key, the end of its window and a count. A key may be in one of some
    consecutive slots; when all are in use, the one whose window ends first is overwritten.
    """

    def __init__(self) -> None:
        super().__init__()
        self._slots = mmap.mmap(-1, _SLOTS * _SLOT.size)
        self._thread = threading.Lock()
        # The system releases a lock on a file however its process ends.
        self._file, name = tempfile.mkstemp(prefix="vereda-")
        Path(name).unlink()
        weakref.finalize(self, os.close, self._file)

    @property
    def base_exceptions(self) -> type[Exception]:
        """Errors of this storage."""
        return OSError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Increase the count of a key, in a window of `expiry` seconds from the first request."""
        with self._locked():
            place, end, count = self._find(key)
            now = time.time()
            # A window that would last longer was begun before the clock was set back.
            end, count = (end, count) if now < end <= now + expiry else (now + expiry, 0)
            _SLOT.pack_into(self._slots, place, _digest(key), end, count + amount)
            return count + amount

    def get(self, key: str) -> int:
        """The count of a key, 0 when its window is over."""
        with self._locked():
            _, end, count = self._find(key)
        return count if end > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the window of a key ends."""
        with self._locked():
            _, end, _ = self._find(key)
        return max(end, time.time())

    def check(self) -> bool:
        """Whether the storage can be used."""
        return not self._slots.closed

    def reset(self) -> int | None:
        """Remove all counts."""
        with self._locked():
            self._slots[:] = bytes(len(self._slots))
        return None

    def clear(self, key: str) -> None:
        """Remove the count of a key."""
        with self._locked():
            place, _, _ = self._find(key)
            _SLOT.pack_into(self._slots, place, _digest(key), 0.0, 0)

    def _find(self, key: str) -> tuple[int, float, int]:
        """Slot, end of window and count of a key; a free slot for a key without one."""
        digest = _digest(key)
        rows = []
        for probe in range(_PROBES):
            place = (digest + probe) % _SLOTS * _SLOT.size
            kept_key, end, count = _SLOT.unpack_from(self._slots, place)
            if kept_key == digest:
                return place, end, count
            rows.append((end, place))
        return min(rows)[1], 0.0, 0

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._thread:
            lockf(self._file, LOCK_EX)
            try:
                yield
            finally:
                lockf(self._file, LOCK_UN)


def _digest(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) | 1


class Rates:
    """Counts requests and refuses those above a rate.

    While a Redis cannot be reached, the processes of this service count by themselves.

    Parameters
    ----------
    settings
        Settings of the service, with its rates and the Redis that counts for several services.
    default
        Whether `USUAL` holds for rates that the settings leave out.

    Raises
    ------
    InputError
        When the settings name a Redis that cannot be used; see `pool_of`.
    """

    def __init__(self, settings: Settings, *, default: bool) -> None:
        rates = {"read": settings.rate_read, "compute": settings.rate_compute}
        usual = USUAL if default else dict.fromkeys(USUAL, "")
        self._limits: dict[str, RateLimitItem] = {
            scope: parse(rate) for scope in rates if (rate := rates[scope] or usual[scope])
        }
        self._own = FixedWindowRateLimiter(SharedMemory())
        address = settings.counters
        self._common = FixedWindowRateLimiter(_redis(address)) if address else self._own
        self._lost, self._again = False, 0.0

    def count(self, scope: str, who: str) -> None:
        """Count a request of a holder of a token, or of an address.

        Parameters
        ----------
        scope
            What is asked for: ``read`` or ``compute``.
        who
            Id of a token, or an address.

        Raises
        ------
        Refusal
            429, when there were too many.
        """
        # The rate of reading also counts requests without a rate of their own: the metrics, and
        # computing if it has none.
        kind = scope if scope in self._limits else "read"
        limit = self._limits.get(kind)
        if limit is None:
            return
        seconds = self._counted(limit, kind, who)
        if seconds:
            raise Refusal(
                429, "rate", str(limit), f"Wait {seconds} s, then ask again.",
                headers={"Retry-After": str(seconds)},
            )  # fmt: skip

    def _counted(self, limit: RateLimitItem, kind: str, who: str) -> int:
        """Count in Redis, or in shared memory while Redis fails; see `_wait`."""
        if time.monotonic() >= self._again:
            try:
                seconds = _wait(self._common, limit, kind, who)
            except StorageError as error:
                if not self._lost:
                    warning = "Redis cannot be reached; requests are counted without it: %s"
                    logger.warning(warning, error.storage_error)
                self._lost, self._again = True, time.monotonic() + _PAUSE_SECONDS
            else:
                self._lost = False
                return seconds
        return _wait(self._own, limit, kind, who)


def _wait(limiter: FixedWindowRateLimiter, limit: RateLimitItem, kind: str, who: str) -> int:
    """Count a request; returns the seconds until it may come again, 0 when it is allowed."""
    if limiter.hit(limit, kind, who):
        return 0
    ends = limiter.get_window_stats(limit, kind, who).reset_time
    return max(1, math.ceil(ends - time.time()))


def _redis(address: str) -> RedisStorage:
    pool = pool_of("counters", address, seconds=_ANSWER_SECONDS)
    return RedisStorage(address, connection_pool=pool, wrap_exceptions=True)
