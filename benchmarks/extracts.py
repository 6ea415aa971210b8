"""Reading OpenStreetMap beside a plain loop of pyosmium, and beside pyrosm and osmnx.

Run it with ``python -m benchmarks.extracts``. The extract is that of Iceland that the tests use.
Each reader has a process of its own, which notes the processor time of all its threads from the
first byte of the file on, and the memory of the process at its peak. All processes have imported
the same modules, so that only the readers differ. Timed are

- *the plain loop*: ways with a ``highway`` or ``route``, filtered by osmium itself, their tags as
  a dictionary, and a list of id, longitude and latitude of their nodes. Nothing is made of them;
- *Vereda*: all that `read_osm_roads` does: tags become classes and speeds, ways links, split,
  merged, joined to pieces, in frames with their geometries;
- *pyrosm*: ``get_network("all")`` with its nodes.

osmnx would take minutes for all of Iceland: it reads the roads of the north of it, and those of
Reykjavik and around, by ``graph_from_xml``; as XML, since it reads nothing else, and Vereda the
same roads as PBF. Its time goes with nodes, ours with ways as well, so that it is less far behind
in a town, whose ways are short; the floor is for the country.

The last row reads three copies of Iceland whose ids are spread over the range that the planet has,
as a country of 16.5 million nodes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import osmium
import osmnx
from osmium.filter import KeyFilter
from osmium.osm import NODE, WAY
from osmium.osm.mutable import Way
from pyrosm import OSM

from benchmarks.timing import Floor, Time, heading, show
from geodata.sources.area_file import default_roads
from geodata.sources.osm.roads import read_osm_roads
from tests.support.worlds.packages import ICELAND, cache, packaged

CPU_CEILING = Floor(least=1.2, at_most=True)
MEMORY_CEILING = Floor(least=0.8, at_most=True)
PYROSM_CEILING = Floor(least=0.3, at_most=True)
OSMNX_FLOOR = Floor(least=20.0)
THRICE_CEILING = Floor(least=3.2, at_most=True)
COPIES, SPREAD, APART = 3, 7_000_000_000, 20.0
"""Copies, by how much their ids are apart (more than any has), and by how many degrees."""
CUTS: dict[str, tuple[tuple[float, float, float, float], Floor | None]] = {
    "North Iceland": ((-25.0, 65.4, -13.0, 67.0), OSMNX_FLOOR),
    "Reykjavik": ((-22.1, 63.95, -21.3, 64.3), None),
}
"""West, south, east, north of the roads that osmnx reads, and by what it is to be behind."""


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", help="not needed; every part has it")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    iceland = packaged(*ICELAND)
    spent = {
        reader: [measure(reader, iceland) for _ in range(options.repeats)] for reader in IN_FULL
    }
    time = {reader: timed(runs) for reader, runs in spent.items()}
    peak = {reader: min(run["megabytes"] for run in runs) for reader, runs in spent.items()}
    heading()
    task = "Iceland, 84,178 ways, CPU"
    show(task, "vereda", time["vereda"])
    show(task, "pyosmium, plain loop", time["plain"], time["vereda"] / time["plain"], CPU_CEILING)
    task = "Iceland, memory at the peak"
    for reader, ceiling in (("plain", MEMORY_CEILING), ("pyrosm", PYROSM_CEILING)):
        name = f"{reader} {peak[reader]:,.0f} MB, vereda {peak['vereda']:,.0f}"
        show(task, name, time[reader], peak["vereda"] / peak[reader], ceiling)
    for name in CUTS:
        beside_osmnx(iceland, name)
    thrice(peak["vereda"], iceland)


def beside_osmnx(iceland: Path, name: str) -> None:
    """Processor time of osmnx over ours, on the same roads; once, since that takes a minute."""
    box, floor = CUTS[name]
    with TemporaryDirectory() as scratch:
        pbf, xml = (Path(scratch) / file for file in ("cut.osm.pbf", "cut.osm"))
        ways = cut(iceland, box, pbf, xml)
        ours, theirs = timed([measure("vereda", pbf)]), timed([measure("osmnx", xml)])
    task = f"{name}, {ways:,} ways, CPU"
    show(task, "vereda", ours)
    show(task, "osmnx, graph_from_xml", theirs, theirs / ours, floor)


def thrice(once_mb: float, iceland: Path) -> None:
    """Memory for three Icelands over that for one."""
    run = measure("vereda", copies(iceland))
    name = f"vereda {run['megabytes']:,.0f} MB, one {once_mb:,.0f}"
    ratio = run["megabytes"] / once_mb
    show("three Icelands, memory", name, timed([run]), ratio, THRICE_CEILING)


def timed(runs: list[dict[str, float]]) -> Time:
    """Processor time of some runs."""
    seconds = [run["seconds"] for run in runs]
    return Time(least=min(seconds), median=median(seconds))


def measure(reader: str, pbf: Path) -> dict[str, float]:
    """Processor seconds and megabytes of one reader in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.extracts", "read", reader, str(pbf)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return measured


def read(reader: str, pbf: Path) -> None:
    """Read a file and print what it took."""
    begun = process_time()
    kept = READERS[reader](pbf)
    seconds = process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "megabytes": peak, "rows": len(kept)}))


def plain(pbf: Path) -> Any:
    """Ways with their tags and nodes."""
    ways = []
    processor = osmium.FileProcessor(pbf, NODE | WAY).with_locations("flex_mem")
    for each in processor.with_filter(KeyFilter("highway", "route")):
        if each.is_way():
            nodes = [(node.ref, node.lon, node.lat) for node in each.nodes]
            ways.append((each.id, dict(each.tags), nodes))
    return ways


def vereda(pbf: Path) -> Any:
    """Links of the network."""
    return read_osm_roads([pbf], None, rules=default_roads()).links


def pyrosm(pbf: Path) -> Any:
    """Links of pyrosm."""
    return OSM(str(pbf)).get_network("all", nodes=True)[1]


def of_osmnx(xml: Path) -> Any:
    """Edges of osmnx, simplified as is its way."""
    return osmnx.graph_from_xml(xml, retain_all=True).edges


READERS: dict[str, Callable[[Path], Any]] = {
    "plain": plain, "vereda": vereda, "pyrosm": pyrosm, "osmnx": of_osmnx,
}  # fmt: skip
IN_FULL = ("plain", "vereda", "pyrosm")
"""Those that read all of Iceland."""


def cut(pbf: Path, box: tuple[float, float, float, float], *places: Path) -> int:
    """The roads and ferries with a node in a box, in each of some files; their number."""
    west, south, east, north = box
    inside: set[int] = set()
    for node in osmium.FileProcessor(pbf, NODE):
        if west <= node.lon <= east and south <= node.lat <= north:
            inside.add(node.id)
    ways, used = [], set()
    for way in osmium.FileProcessor(pbf, WAY).with_filter(KeyFilter("highway", "route")):
        nodes = [node.ref for node in way.nodes]
        if not inside.isdisjoint(nodes):
            ways.append(Way(id=way.id, version=1, nodes=nodes, tags=dict(way.tags)))
            used.update(nodes)
    for place in places:
        with osmium.SimpleWriter(str(place)) as writer:
            for node in osmium.FileProcessor(pbf, NODE):
                if node.id in used:
                    writer.add_node(node)
            for way in ways:
                writer.add_way(way)
    return len(ways)


def copies(pbf: Path) -> Path:
    """Copies side by side in one file, which is kept: it takes minutes to write."""
    place = cache() / f"{COPIES}-by-{SPREAD}-and-{APART:g}-of-{pbf.name}"
    if not place.exists():
        part = place.with_name(f"part-{os.getpid()}-of-{place.name}")
        copy(pbf, part)
        part.replace(place)
    return place


def copy(pbf: Path, place: Path) -> None:
    """Write copies, each with ids of its own."""
    with osmium.SimpleWriter(str(place), overwrite=True) as writer:
        for kinds in (NODE, WAY):
            for at in range(COPIES):
                for each in osmium.FileProcessor(pbf, kinds):
                    id_ = each.id + at * SPREAD
                    if each.is_node():
                        # Three times Iceland side by side lies within 180 degrees.
                        where = (each.lon + at * APART, each.lat)
                        writer.add_node(each.replace(id=id_, location=where))
                    else:
                        nodes = [node.ref + at * SPREAD for node in each.nodes]
                        writer.add_way(each.replace(id=id_, nodes=nodes))


if __name__ == "__main__":
    if sys.argv[1:2] == ["read"]:
        read(sys.argv[2], Path(sys.argv[3]))
    else:
        main()
