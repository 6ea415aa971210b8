"""Scenario files: read with all that they name, and errors that tell file, line and key."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.options.flow_file import FlowFile
from geodata.errors import DataError, InputError, VeredaError
from geodata.formats.text.toml import SUFFIX

if TYPE_CHECKING:
    from routes.router import Router
    from routes.scenario.forms.scenario_file import FiledScenario
    from routes.studies.batch.run import Run
    from routes.studies.batch.sweeps import Draft


def files_of(paths: Iterable[Path]) -> list[Path]:
    """Scenario files: those that are named, and those in directories that are named.

    Raises
    ------
    InputError
        When a directory has none, or a file is named twice.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        within = sorted(each for each in path.iterdir() if each.suffix.lower() == SUFFIX) \
            if path.is_dir() else [path]  # fmt: skip
        if not within:
            remedy = f"It is a directory without files that end in {SUFFIX}."
            raise InputError("scenario", str(path), remedy)
        for each in within:
            place = _real(each)
            if place in files:
                raise InputError("scenario", str(each), "It is named twice; name it once.")
            files[place] = each
    return list(files.values())


def sources_of(paths: Sequence[Path]) -> list[ScenarioSource]:
    """Scenario files; those of a directory without the profiles that others of them name.

    Raises
    ------
    InputError
        As `files_of`.
    """
    sources = [ScenarioSource(path) for path in files_of(paths)]
    profiles = {file for source in sources for file in source.profile_files()}
    return [source for source in sources
            if source.path in paths or _real(source.path) not in profiles]  # fmt: skip


def _real(path: Path) -> Path:
    """The path with links resolved; a circular link stays, and is refused when it is read."""
    return Path(os.path.realpath(path))


def _texts(value: Any) -> Iterator[str]:
    """All texts of a table."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _home(network: Path) -> Path:
    """Directory of a network, from wherever it is named; one that is a link keeps its own name."""
    return _real(network) if network.name == ".." else _real(network.parent) / network.name


class ScenarioSource(FlowFile):
    """A scenario file.

    Parameters
    ----------
    path
        Where it is; what it names is taken from there.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, field="scenario")

    def profile_files(self) -> set[Path]:
        """Resolved paths of the profiles that it names, as far as the file can be read."""
        # A text with a zero in it is the path of no file, which is a ValueError.
        with suppress(VeredaError, OSError, ValueError):
            return {_real(self.near(text)) for text in _texts(self.tables)
                    if text.lower().endswith(SUFFIX)}  # fmt: skip
        return set()

    @contextmanager
    def located(self, draft: Draft | None = None) -> Iterator[None]:
        """Make errors of a block name the file and the line.

        Parameters
        ----------
        draft
            The scenario that is read, where a key of it is not yet one of the file.
        """
        try:
            yield
        except VeredaError as error:
            key = draft.origin(error.field) if draft else error.field
            raise self.located_error(error, key) from error

    def outline_faults(self) -> list[VeredaError]:
        """What is wrong with the file itself; keys that it should not have are then left out.

        Raises
        ------
        VeredaError
            As `tables`.
        """
        from routes.studies.batch.sweeps import outline_faults

        faults, self.tables = outline_faults(self.tables)
        return [self._placed(fault) for fault in faults]

    def faults(self, draft: Draft) -> list[VeredaError]:
        """All that is wrong with a scenario by itself: keys, profiles, ends and edits."""
        wrong = [self._placed(fault) for fault in draft.faults()]
        if wrong:
            return wrong
        for read in self._readings(draft.form()):
            try:
                read()
            except VeredaError as error:
                wrong.append(self._placed(error, draft))
        return wrong

    def _readings(self, form: FiledScenario) -> Iterator[Callable[[], object]]:
        """What a scenario is read by, each part of it alone."""
        from routes.scenario.edits import read_edits

        yield partial(form.flow, read_profile=self.profile)
        for field, texts in (("from", form.origins), ("to", form.destinations)):
            yield from (partial(self.ends, [text], field=field) for text in texts)
        yield from (partial(read_edits, avoid=[text]) for text in form.avoid)
        yield from (partial(read_edits, shut=[text]) for text in form.close)
        yield from (partial(read_edits, strengthen=[text]) for text in form.strengthen)

    def _placed(self, fault: VeredaError, draft: Draft | None = None) -> VeredaError:
        """A fault with its file and line."""
        try:
            with self.located(draft):
                raise fault
        except VeredaError as placed:
            return placed

    def drafts(self, *, most: int, before: int) -> list[Draft]:
        """The scenarios of the file, see `sweep`.

        Raises
        ------
        DataError
            When there are too many, or a key, the list or the grid is wrong.
        """
        from routes.studies.batch.sweeps import sweep

        tables = self.tables
        with self.located():
            return sweep(tables, name=self.path.stem, most=most, before=before)

    def run(self, draft: Draft, networks: Networks) -> Run:
        """A scenario, with the files that it names read.

        Raises
        ------
        DataError
            When anything of it is wrong by itself.
        """
        from routes.studies.batch.run import Run

        with self.located():
            form = draft.form()
        with self.located(draft):
            scenario = form.scenario(read_profile=self.profile, read_ends=self.ends)
        home = _home(self.near(form.network) if form.network else networks.usual)
        with self.located(draft) if form.network else nullcontext():
            digest = networks.digest(home)
        return Run(
            name=draft.name, form=form, scenario=scenario, network=str(home), digest=digest,
            file=str(_real(self.path)), varied=draft.varied,
        )  # fmt: skip


class Networks:
    """Networks by their directories.

    Parameters
    ----------
    usual
        The one of scenarios that name none.
    """

    def __init__(self, usual: Path) -> None:
        self.usual = usual
        self._digests: dict[Path, str] = {}
        self._home: Path | None = None
        self._router: Router | None = None

    def digest(self, home: Path) -> str:
        """Hash of a network, by its header alone.

        Raises
        ------
        DataError
            When the directory has no network of this version.
        """
        from geodata.network.header import read_header

        if home not in self._digests:
            self._digests[home] = str(read_header(home).get("digest", ""))
        return self._digests[home]

    def router(self, home: Path) -> Router:
        """A router on a network; the last one is kept.

        Raises
        ------
        DataError
            When the network cannot be read.
        """
        from geodata.network.store import load_network
        from routes.router import Router

        if self._router is None or self._home != home:
            self._home, self._router = home, Router(load_network(home))
        return self._router


def read_runs(paths: Sequence[Path], networks: Networks, *, most: int) -> list[Run]:
    """All scenarios of some files, each under its own name.

    Raises
    ------
    DataError
        Telling file, line and key of the first that is wrong, or two of one name.
    """
    runs: dict[str, Run] = {}
    homes: dict[str, Path] = {}
    for source in sources_of(paths):
        for draft in source.drafts(most=most, before=len(runs)):
            run = source.run(draft, networks)
            if run.name in runs:
                remedy = f"Another one of {homes[run.name]} has this name; give it its own."
                with source.located(draft):
                    raise DataError("name", run.name, remedy)
            runs[run.name], homes[run.name] = run, source.path
    return list(runs.values())
