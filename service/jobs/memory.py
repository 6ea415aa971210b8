"""Limits on memory, so that a process that needs too much fails without harm to others."""

from __future__ import annotations

import re
import resource
from pathlib import Path

_STATUS = Path("/proc/self/status")
_DATA = re.compile(r"^VmData:\s+(\d+) kB$", re.MULTILINE)


def bound_memory(megabytes: int) -> None:
    """Limit the further memory of this process; beyond it, allocations raise `MemoryError`.

    Call it right after a fork. There is no limit on a system that does not report the memory of a
    process.

    Parameters
    ----------
    megabytes
        Of 2**20 bytes.
    """
    try:
        used = _DATA.search(_STATUS.read_text())
    except OSError:
        return
    if used is None:
        return
    wanted = int(used[1]) * 1024 + (megabytes << 20)
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    if most == resource.RLIM_INFINITY or wanted < most:
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, most))
