"""A batch whose processes are killed again and again: it ends with the same bytes as any other."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

from geodata.formats.files.store import sha256
from tests.support.servers.running import START, born, wait_for

TEXT = """
from = ["Ayton"]
to = ["Ceeford"]
[grid]
profile = ["cocaine-north", "contraband-west", "migrants-north"]
close = [[], ["sea"]]
slack = [0.05, 0.1]
"""
KILLS = 10
LONGEST_SECONDS = 4.0


def start(home: Path, network: Path, output: str) -> subprocess.Popen[bytes]:
    words = ["batch", home / "trial.toml", "--output", home / output, "--network", network,
             "--processes", "2"]  # fmt: skip
    return subprocess.Popen(
        [*START, *map(str, words)], stdout=subprocess.DEVNULL, start_new_session=True
    )


def results(home: Path) -> dict[str, str]:
    files = [path for path in sorted(home.rglob("*")) if path.is_file()]
    return {str(path.relative_to(home)): sha256(path) for path in files}


@pytest.mark.trials
def test_it_is_killed_at_random_moments_and_ends_with_the_same_bytes(
    tmp_path: Path, isle_dir: Path
) -> None:
    (tmp_path / "trial.toml").write_text(TEXT)
    assert start(tmp_path, isle_dir, "calm").wait() == 0
    chance = random.Random(14)
    killed = 0
    while killed < KILLS:
        batch = start(tmp_path, isle_dir, "stormy")
        wait_for(lambda: (tmp_path / "stormy" / "runs.csv").exists(), seconds=20)
        while batch.poll() is None and killed < KILLS:
            time.sleep(chance.uniform(0, LONGEST_SECONDS))
            with suppress(FileNotFoundError, ProcessLookupError):
                members = [batch.pid, *born(batch.pid)]
                os.kill(chance.choice(members), signal.SIGKILL)
                killed += 1
        with suppress(ProcessLookupError):
            # At times its children are left alive beside the next batch.
            if chance.random() < 0.5:
                os.killpg(batch.pid, signal.SIGKILL)
        batch.wait()
    assert start(tmp_path, isle_dir, "stormy").wait() == 0
    assert results(tmp_path / "stormy" / "results") == results(tmp_path / "calm" / "results")
    tables = [pd.read_csv(tmp_path / name / "runs.csv") for name in ("calm", "stormy")]
    calm, stormy = (table.drop(columns="seconds") for table in tables)
    pd.testing.assert_frame_equal(calm, stormy)
