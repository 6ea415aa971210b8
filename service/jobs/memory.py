"""Limits on memory: one process that wants too much is refused it, and harms no other."""

from __future__ import annotations

import re
import resource
from pathlib import Path

_STATUS = Path("/proc/self/status")
_DATA = re.compile(r"^VmData:\s+(\d+) kB$", re.MULTILINE)


def bound_memory(megabytes: int) -> None:
    """Let this process take so much more memory; to ask for more is a `MemoryError`.

    Call it right after a fork. Where the system does not say how much a process has, there is no
    limit.

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
