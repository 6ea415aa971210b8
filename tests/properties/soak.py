"""Some minutes of everything at a running service: what grows is a fault.

Run it with ``make soak``, or ``python -m tests.properties.soak --minutes 30``. Clients ask for all
operations of ``/api``, sound and spoilt, for tiles and live corridors; they enter jobs, leave
before they are answered, and one reads nothing. Between rounds they rest, and then every process is
weighed. After the first rounds, in which caches fill, neither memory nor descriptors, threads or
temporary files may go on growing.
"""

from __future__ import annotations

import argparse
import json
import re
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import urlsplit
from urllib.request import urlopen

from scipy.stats import kendalltau, theilslopes

from tests.properties.requests.grammar import Grammar, Sent
from tests.properties.requests.wire import answer, exchange, odd, plain
from tests.support.servers.running import Running, born

CLIENTS = 4
ROUNDS = 12
WARM = 4
"""Rounds at first in which caches fill and libraries take what they need."""
REST_SECONDS = 3.0
GROWTH = 0.03
"""Share of its size by which memory may seem to grow after that, by chance."""
SURE = 0.05
"""A trend is one when chance would make it more seldom than this."""
SPARE = {"descriptors": 3, "threads": 2, "files": 3}
"""What may be open at a rest, more than at the end of warming up."""
BOUNDS = {"VEREDA_ANSWERS": "16", "VEREDA_JOBS_KEPT": "3", "VEREDA_LIMIT_SECONDS": "10"}
"""Small caches, full before warming up ends."""


@dataclass(frozen=True, kw_only=True)
class Weight:
    """What the processes of a service hold at a rest."""

    megabytes: float
    descriptors: int
    threads: int
    files: int


def main() -> None:
    """Soak a service, and print what it held; exit code 1 when something grew."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--network", type=Path, default=Path("network"))
    parser.add_argument("--result", type=Path, default=Path("out"))
    parser.add_argument("--minutes", type=float, default=4.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        (home / "temporary").mkdir()
        chosen = ("--network", str(options.network.absolute()), "--workers", "2")
        chosen = (*chosen, "--result", str(options.result.absolute()))
        service = Running(home, *chosen, TMPDIR=str(home / "temporary"), **BOUNDS)
        try:
            weights = soak(service, seconds=60 * options.minutes / ROUNDS - REST_SECONDS)
            alive = service.ask("/health")[0] == 200
        finally:
            service.kill()
    grown = [*growth(weights)] + ([] if alive else ["it answers no more"])
    print("\n".join(grown) or "nothing grew")
    raise SystemExit(1 if grown else 0)


def soak(service: Running, *, seconds: float) -> list[Weight]:
    """What a service holds after each round of so many seconds."""
    with urlopen(f"{service.url}/api") as reply:
        document = json.load(reply)
    grammar = Grammar(document, {"name": ["out"], "result": ["out"], "featureId": ["1"]})
    grammar.seed = time.time_ns()
    port, weights, counts = int(urlsplit(service.url).port or 0), [], Counter[str]()
    begun = time.monotonic()
    print(f"seed {grammar.seed}")
    print(f"{'s':>6}{'requests':>10}{'MB':>9}{'fds':>6}{'threads':>9}{'files':>7}")
    for turn in range(ROUNDS):
        with ThreadPoolExecutor(CLIENTS + 1) as clients:
            ends = time.monotonic() + seconds
            clients.submit(mute, port, seconds=seconds)
            for statuses in clients.map(
                lambda client, turn=turn, ends=ends: press(
                    grammar, port, chance=Random(f"{grammar.seed} {turn} {client}"), ends=ends
                ),
                range(CLIENTS),
            ):
                counts.update(statuses)
        time.sleep(REST_SECONDS)
        weights.append(weigh(service))
        now = weights[-1]
        print(f"{time.monotonic() - begun:6.0f}{sum(counts.values()):10,}{now.megabytes:9.1f}"
              f"{now.descriptors:6}{now.threads:9}{now.files:7}", flush=True)  # fmt: skip
    print(dict(sorted(counts.items())))
    return weights


def press(grammar: Grammar, port: int, *, chance: Random, ends: float) -> Counter[str]:
    """What one client sends until a moment; the answers by status."""
    counts: Counter[str] = Counter()
    while time.monotonic() < ends:
        sent = job(chance) if chance.random() < 0.002 else grammar.random(chance)
        pieces = [plain(sent)] if chance.random() < 0.9 else odd(chance, sent)
        back = exchange(port, pieces, leaving=chance.random() < 0.05)
        got = answer(back) if back else None
        counts[str(got.status) if got else "no answer"] += 1
    return counts


def mute(port: int, *, seconds: float) -> None:
    """A client that asks again and again, and reads nothing of what comes back."""
    head = (
        b"GET /conformance HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
        b"Expect: 100-continue\r\n\r\n"
    )
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.settimeout(seconds)
        ends = time.monotonic() + seconds
        with suppress(OSError):
            client.connect(("127.0.0.1", port))
            while time.monotonic() < ends:
                for piece in (head, b"x"):
                    client.sendall(piece)
                    time.sleep(0.01)


def job(chance: Random) -> Sent:
    """A scenario with some draws, each another one."""
    scenario = {"profile": "migrants-north", "from": ["Tela"], "to": ["Tapachula"], "slack": 0.05,
                "draws": 4, "seed": chance.getrandbits(30)}  # fmt: skip
    return Sent(method="POST", path="/corridors", headers=(("Content-Type", "application/json"),),
                body=json.dumps(scenario).encode())  # fmt: skip


def weigh(service: Running) -> Weight:
    """What all processes of a service hold now; memory that they share counts once."""
    pids = [service.process.pid]
    holding: list[tuple[int, int, int]] = []
    for pid in pids:
        # That of a job may end while it is weighed.
        with suppress(FileNotFoundError, ProcessLookupError):
            pids += born(pid)
            files, threads = (
                sum(1 for _ in Path(f"/proc/{pid}", part).iterdir()) for part in ("fd", "task")
            )
            holding.append((proportional(pid), files, threads))
    kilobytes, descriptors, running = map(sum, zip(*holding, strict=True))
    return Weight(
        megabytes=kilobytes / 1024,
        descriptors=descriptors,
        threads=running,
        files=sum(1 for _ in left_over(service.home)),
    )


def proportional(pid: int) -> int:
    """Kilobytes of a process, its part of what is shared."""
    match = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    return int(match[1]) if match else 0


def left_over(home: Path) -> Iterator[Path]:
    """Files that are no result: temporary ones, and hidden ones and what lies in them."""
    yield from (path for path in (home / "temporary").rglob("*") if path.is_file())
    for path in (home / "jobs").rglob("*"):
        if any(part.startswith(".") for part in path.relative_to(home).parts):
            yield path


def growth(weights: Sequence[Weight]) -> Iterator[str]:
    """What grew after warming up, in words."""
    later = weights[WARM:]
    memory = [each.megabytes for each in later]
    rounds = list(range(len(memory)))
    grown = theilslopes(memory, rounds).slope * len(memory)
    trend = kendalltau(rounds, memory)
    print(f"memory after warming up: {grown:+.1f} MB of {memory[0]:.0f}, p {trend.pvalue:.3f}")
    if grown > GROWTH * memory[0] and trend.statistic > 0 and trend.pvalue < SURE:
        yield f"memory grew by {grown:.1f} MB over {len(memory)} rounds"
    for name, spare in SPARE.items():
        before = max(getattr(each, name) for each in weights[:WARM])
        after = min(getattr(each, name) for each in weights[-2:])
        if after > before + spare:
            yield f"{name} grew from {before} to {after}"


if __name__ == "__main__":
    main()
