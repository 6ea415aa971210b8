"""The master: it ends processes that are stuck, and none that stood still together with it."""

from __future__ import annotations

import math

from service.server.gunicorn import Watch


def test_nobody_is_judged_by_a_time_in_which_the_master_stood_still() -> None:
    now = 100.0
    watch = Watch(lambda: now)
    for _ in range(3):
        now += 1.0
        assert watch.running(60)
    now += 66.0
    judged = math.nan
    assert not watch.running(60)
    for second in range(1, 100):
        now += 1.0
        if watch.running(60):
            judged = second
            break
    assert judged == 60
