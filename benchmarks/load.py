"""Two hundred clients at once for a minute: no error, whatever they ask.

Run it with ``python -m benchmarks.load``. It asks a service that it starts itself, or the one at
``--url``; pages of features, single features, tiles, styles, live corridors and jobs, mixed.
"""

from __future__ import annotations

import argparse
import itertools
import threading
import time
from collections import Counter
from pathlib import Path
from statistics import median, quantiles

from benchmarks.service import Client, Service
from benchmarks.serving import questions

PATHS = (
    "/health",
    "/collections",
    "/collections/places/items?limit=50",
    "/collections/roads/items?limit=100&bbox=-89,15,-88,16",
    "/collections/gateways/items?limit=200",
    "/api",
    "/jobs",
    *questions(4, seed=9),
)


def main() -> None:
    """Press a service, and print what came back; exit code 1 after an error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", type=Path, default=Path("network"))
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", default="2")
    parser.add_argument("--url")
    options = parser.parse_args()
    if options.url:
        press(options.url, clients=options.clients, seconds=options.seconds)
        return
    with Service("--network", str(options.network), "--workers", options.workers) as service:
        press(service.address, clients=options.clients, seconds=options.seconds)


def press(address: str, *, clients: int, seconds: float) -> None:
    """Ask from many clients at once."""
    ends = time.perf_counter() + seconds
    counts: Counter[str] = Counter()
    spent: list[float] = []
    threads = [
        threading.Thread(target=_ask, args=(address, number, ends, counts, spent))
        for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = ", ".join(f"{count:,} x {what}" for what, count in counts.most_common())
    print(f"{clients} clients, {seconds:g} s: {statuses}")
    p95, p99 = quantiles(spent, n=100)[94], quantiles(spent, n=100)[98]
    rate, middle, most = len(spent) / seconds, 1000 * median(spent), 1000 * max(spent)
    print(
        f"{rate:,.0f} answers a second; median {middle:.0f} ms, p95 {1000 * p95:.0f} ms, "
        f"p99 {1000 * p99:.0f} ms, most {most:.0f} ms"
    )
    if set(counts) - {"200"}:
        raise SystemExit(1)


def _ask(address: str, number: int, ends: float, counts: Counter[str], spent: list[float]) -> None:
    """What one client does."""
    client = Client(address)
    for path in itertools.islice(itertools.cycle(PATHS), number % len(PATHS), None):
        begun = time.perf_counter()
        if begun >= ends:
            break
        try:
            status = str(client.get(path)[0])
        except OSError as error:
            status = type(error).__name__
            client = Client(address)
        spent.append(time.perf_counter() - begun)
        counts[status] += 1
    client.close()


if __name__ == "__main__":
    main()
