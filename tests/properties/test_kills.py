"""Every writer killed at every step: the place holds old or new whole, and the next run tidies up.

A child process counts what it asks of the file system and ends by SIGKILL before the step that is
its turn. What puts files in their place is killed at every step; the writers of whole libraries at
some, at all with a large ``--campaign``.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from cli.main import vereda
from cli.shell.console import Session
from geodata.borderlands.region import BORDERLANDS
from geodata.formats.files import exchange, store
from geodata.formats.files.staging import sweep
from geodata.formats.files.store import whole_file
from geodata.formats.tiles.pmtiles import write_archive
from geodata.formats.tiles.pyramid import Pyramid, Tileset, Zooms
from geodata.formats.vector import write_features
from geodata.network.network import LINK_COLUMNS, NODE_COLUMNS, Network
from geodata.network.store import load_network, save_network
from geodata.publication.results.reading import check_files
from geodata.publication.results.result_directory import write_result
from geodata.publication.results.result_files import RESULT_FILES
from service.access.tokens import add, read_tokens
from service.jobs.records import JobRecords
from tests.support.storing import fill, hidden_in, make, names_in, version
from tests.support.worlds.made_study import write_area, write_layers
from tests.support.worlds.result_sample import sample

STEPS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.chmod", "os.truncate"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
SECONDS = 60
SOME = 4
"""Steps of a writer of whole libraries that are tried, times the length of the campaign."""


@pytest.fixture(autouse=True)
def no_waiting_for_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is killed leaves all that it wrote to the system: it need not be on disk."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def killed(work: Callable[[], object], step: int) -> int:
    """Do something in a child that is killed before a step.

    Returns
    -------
    int
        0 when it was killed, else how many steps it took to its end.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(SECONDS)
            taken = _die_before(step)
            work()
            os.write(writing, str(taken[0]).encode())
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        taken = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL), f"step {step}: the child ended with {code}"
    return int(taken or 0)


def _die_before(step: int) -> list[int]:
    """Count steps, and end this process before one of them."""
    taken = [0]

    def count() -> None:
        taken[0] += 1
        if taken[0] == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event: str, values: tuple[object, ...]) -> None:
        opened = event == "open" and isinstance(values[2], int) and values[2] & WRITES
        if opened or event in STEPS:
            count()

    sys.addaudithook(hook)
    # These tell no hooks.
    swap = exchange.swap

    def counted_swap(one: Path, other: Path) -> bool:
        count()
        return swap(one, other)

    os.fsync, exchange.swap = lambda descriptor: count(), counted_swap
    return taken


def steps(work: Callable[[], object], again: Callable[[], object]) -> Iterator[int]:
    """Kill at the first step, the second and so on, until it comes to its end.

    Parameters
    ----------
    again
        Makes all as it was before each turn.
    """
    step = 1
    again()
    while not killed(work, step):
        yield step
        step += 1
        again()


def tidy(*homes: Path) -> bool:
    return not any(hidden_in(home) for home in homes if home.is_dir())


# What puts directories in their place, at every step


def exchanged(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    """As it is."""


def filled(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    monkeypatch.setattr(store, "must_fill", lambda place: place.is_dir())


def filled_from_beside(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    def stuck(one: Path, other: Path) -> bool:
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(exchange, "swap", stuck)


@pytest.mark.parametrize("way", [exchanged, filled, filled_from_beside])
def test_a_directory_that_is_replaced(tmp_path: Path, monkeypatch, way) -> None:
    target = tmp_path / "home" / "out"
    way(monkeypatch, target)

    def again() -> None:
        shutil.rmtree(target.parent, ignore_errors=True)
        target.mkdir(parents=True)
        fill(target, "old")

    seen = set()
    for step in steps(lambda: make(target, "new", overwrite=True), again):
        # Exchanged in one step it is whole at every moment; else when it bears the mark.
        if way is exchanged or (target / "mark.json").exists():
            assert version(target) in ("old", "new"), step
        for home in (target.parent, target):
            sweep(home)
        seen.add(version(target))
        assert tidy(target.parent, target) and names_in(target.parent) == ["out"], step
        make(target, "newer", overwrite=True)
        assert version(target) == "newer" and tidy(target.parent, target), step
    assert seen == {"old", "new"}


def test_what_is_taken_back_may_be_cut_short_again(tmp_path: Path, monkeypatch) -> None:
    target = tmp_path / "out"
    monkeypatch.setattr(store, "must_fill", lambda place: place.is_dir())

    def again() -> None:
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        fill(target, "old")
        killed(lambda: make(target, "new", overwrite=True), half)

    half = 1
    again()
    while (target / "mark.json").exists() or not (target / "part" / "c.txt").exists():
        half += 1
        again()
    # Now some files are old and some new, in their place and aside.
    for extra in range(4):
        half += extra and 1
        for step in steps(lambda: sweep(target), again):
            sweep(target)
            assert version(target) == "old" and tidy(target), step


@pytest.mark.parametrize("way", [exchanged, filled])
@pytest.mark.parametrize("there", [False, True])
def test_a_directory_that_is_new(tmp_path: Path, monkeypatch, way, there: bool) -> None:
    target = tmp_path / "home" / "deep" / "out"
    way(monkeypatch, target)

    def again() -> None:
        sweep(target.parent)
        sweep(target)
        for path in sorted(tmp_path.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        (target if there else tmp_path / "home").mkdir(parents=True)

    for step in steps(lambda: make(target, "new"), again):
        if (target / "mark.json").exists():
            assert version(target) == "new"
            make(target, "newer", overwrite=True)
        else:
            # What was half done is no hindrance.
            make(target, "newer")
        assert version(target) == "newer"
        assert tidy(tmp_path / "home", target.parent, target), step


def test_a_linked_directory(tmp_path: Path) -> None:
    real, link = make(tmp_path / "real" / "out", "old"), tmp_path / "link"
    link.symlink_to(real)
    for step in steps(lambda: make(link, "new", overwrite=True), lambda: fill(real, "old")):
        assert link.is_symlink() and version(link) in ("old", "new"), step
        make(link, "newer", overwrite=True)
        assert version(real) == "newer" and tidy(tmp_path, real.parent, real), step


@pytest.mark.parametrize("linked", [False, True])
def test_a_file(tmp_path: Path, linked: bool) -> None:
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "file.txt"
    name = tmp_path / "link" if linked else real
    if linked:
        name.symlink_to(real)

    def write(words: str) -> None:
        with whole_file(name) as path:
            path.write_text(words * 1000)

    real.write_text("old" * 1000)
    for step in steps(lambda: write("new"), lambda: write("old")):
        assert real.read_text() in ("old" * 1000, "new" * 1000), step
        assert name.is_symlink() == linked
        write("newer")
        assert real.read_text() == "newer" * 1000 and names_in(real.parent) == ["file.txt"], step


# The writers, with all that their libraries do


def some(
    work: Callable[[], object], again: Callable[[], object], request, *, few: int = SOME
) -> Iterator[int]:
    """Kill a writer at some of its steps, the first and the last among them."""
    again()
    taken = killed(work, 0)
    most = min(taken, round(few * request.config.getoption("--campaign")))
    for step in np.unique(np.linspace(1, taken, max(most, 2), dtype=int)).tolist():
        again()
        killed(work, step)
        yield step


def _draw(words: str) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(words.encode())


@pytest.mark.parametrize("way", [exchanged, filled])
def test_a_result(tmp_path: Path, monkeypatch, way, request) -> None:
    target, kept = tmp_path / "home" / "out", tmp_path / "kept"
    write_result(sample(), kept, draw=_draw("old"))
    way(monkeypatch, target)

    def again() -> None:
        shutil.rmtree(target.parent, ignore_errors=True)
        shutil.copytree(kept, target)

    def write() -> None:
        write_result(sample(), target, draw=_draw("new"), overwrite=True)

    for step in some(write, again, request):
        sweep(target.parent)
        sweep(target)
        check_files(target, json.loads((target / "result.json").read_text()))
        assert {*names_in(target)} == {*RESULT_FILES}, step
        assert names_in(target.parent) == ["out"]
        assert (target / "map.png").read_text() in ("old", "new")
    write()
    assert (target / "map.png").read_text() == "new" and tidy(target.parent, target)


def test_a_network_at_every_step(tmp_path: Path) -> None:
    target, kept = tmp_path / "home" / "network", tmp_path / "kept"
    small = small_network()
    save_network(small, kept)

    def again() -> None:
        shutil.rmtree(target.parent, ignore_errors=True)
        shutil.copytree(kept, target)

    other = replace(small, surfaces={"land": np.ones(small.area.shape, np.float32)})
    for step in steps(lambda: save_network(other, target, overwrite=True), again):
        assert load_network(target).surfaces["land"].max() in (0, 1), step
        sweep(target.parent)
        assert names_in(target.parent) == ["network"], step
    save_network(other, target, overwrite=True)
    assert load_network(target).surfaces["land"].min() == 1


def test_a_build(tmp_path: Path, request) -> None:
    """The last network stays whole, and the next build goes on with the steps that are there."""
    target, kept, steps_of = tmp_path / "home" / "network", tmp_path / "kept", tmp_path / "steps"
    write_layers(tmp_path)
    area = write_area(tmp_path, "coast", "admin", "lakes", "places")
    area.write_text(area.read_text().replace("cell_m = 2000.0", "cell_m = 8000.0"))

    def build(place: Path) -> list[str]:
        words = ["--json", "build", "--area", area, "--output", place, "--overwrite",
                 "--steps", steps_of]  # fmt: skip
        result = CliRunner().invoke(
            vereda, [*map(str, words)], obj=Session(), catch_exceptions=False
        )  # fmt: skip
        return list(json.loads(result.stdout)["steps"]["made"])

    build(kept)
    old = load_network(kept).digest
    places = gpd.read_file(tmp_path / "places.gpkg").assign(population=[50, 50, 90_000])
    places.to_file(tmp_path / "places.gpkg")

    def again() -> None:
        shutil.rmtree(target.parent, ignore_errors=True)
        shutil.rmtree(steps_of)
        shutil.copytree(kept, target)

    seen = set()
    for step in some(lambda: build(target), again, request, few=3):
        digest = load_network(target).digest
        complete = {path.name.rpartition("-")[0] for path in steps_of.glob("[!.]*")}
        assert complete.isdisjoint(build(target)), step
        new = load_network(target).digest
        assert digest in (old, new) and new != old, step
        assert names_in(target.parent) == ["network"] and tidy(target.parent, steps_of), step
        seen.add(digest == old)
    assert seen == {True, False}


def small_network() -> Network:
    """Two nodes and a link, in an area of some hundred cells."""
    area = replace(BORDERLANDS, bbox=(-88.2, 14.9, -87.9, 15.2))
    blank = {"float64": 0.0, "float32": 0.0, "int32": 0, "bool": False, "category": ""}
    nodes = pd.DataFrame({name: [blank[kind]] * 2 for name, kind in NODE_COLUMNS.items()})
    nodes["x"], nodes["y"] = [-88.0, -88.1], [15.0, 15.1]
    links = pd.DataFrame({name: [blank[kind]] for name, kind in LINK_COLUMNS.items()})
    links["v"] = 1
    return Network(
        area=area,
        nodes=nodes,
        links=links,
        geometry=np.array([shapely.LineString([(-88.0, 15.0), (-88.1, 15.1)])], dtype=object),
        gateways=sample().gateways[["id", "name", "kind", "country_a", "country_b", "geometry"]],
        admin=sample().admin.assign(people=1.0),
        surfaces={"land": np.zeros(area.shape, np.float32)},
    )


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".parquet", ".geojson"])
def test_a_layer(tmp_path: Path, suffix: str, request) -> None:
    path = tmp_path / "home" / f"layer{suffix}"
    path.parent.mkdir()
    frame = sample().gateways
    old = write_features(frame.iloc[:5], path).read_bytes()
    new = write_features(frame, path).read_bytes()
    for step in some(lambda: write_features(frame, path), lambda: path.write_bytes(old), request):
        assert path.read_bytes() in (old, new), step
        assert write_features(frame, path).read_bytes() == new
        assert names_in(path.parent) == [path.name], step


def test_tiles(tmp_path: Path, request) -> None:
    path = tmp_path / "home" / "all.pmtiles"
    path.parent.mkdir()
    tileset = Tileset("all", "All", [Pyramid("gateways", sample().gateways)])

    def write(most: int) -> None:
        with whole_file(path) as partial:
            write_archive(tileset, partial, zooms=Zooms(least=5, most=most), metadata={})

    write(6)
    old = path.read_bytes()
    write(7)
    new = path.read_bytes()
    for step in some(lambda: write(7), lambda: path.write_bytes(old), request):
        assert path.read_bytes() in (old, new), step
        write(7)
        assert path.read_bytes() == new and names_in(path.parent) == ["all.pmtiles"], step


@pytest.mark.parametrize("linked", [False, True])
def test_tokens(tmp_path: Path, linked: bool) -> None:
    home = tmp_path / "home"
    home.mkdir()
    path = home / "tokens.json"
    name = tmp_path / "link.json" if linked else path
    if linked:
        name.symlink_to(path)

    def again() -> None:
        path.unlink(missing_ok=True)
        add(path, "first", scopes=["read"], days=1)

    for step in steps(lambda: add(name, "second", scopes=["read"], days=1), again):
        names = [token.name for token in read_tokens(path)]
        assert names in (["first"], ["first", "second"]), step
        add(name, "third", scopes=["read"], days=1)
        assert [token.name for token in read_tokens(path)] == [*names, "third"]
        assert names_in(home) == [".tokens.json.lock", "tokens.json"], step
        assert name.is_symlink() == linked


def test_the_first_record_of_a_job(tmp_path: Path) -> None:
    home = tmp_path / "jobs"

    def again() -> None:
        shutil.rmtree(home, ignore_errors=True)

    for step in steps(lambda: JobRecords(home).enter("key", {"a": 1}, most=5), again):
        job, _ = JobRecords(home).enter("key", {"a": 1}, most=5)
        assert (
            job.state == "accepted"
            and JobRecords(home).page(states=("accepted",), limit=5, offset=0)[1] == 1
        ), step
        sweep(home)
        assert [name for name in names_in(home) if not name.startswith("jobs.db")] == [], step
