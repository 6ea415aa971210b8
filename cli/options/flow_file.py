"""Flow files: TOML files that describe flows, read with all that they name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geodata.errors import DataError, VeredaError
from geodata.formats.text.toml import SUFFIX, read_toml
from geodata.formats.text.toml_lines import key_lines, line_of

if TYPE_CHECKING:
    from routes.scenario.demand import Endpoint
    from routes.scenario.profiles import Profile


class FlowFile:
    """A file that describes flows.

    Parameters
    ----------
    path
        Where it is; what it names is taken from there.
    field
        What it is called in errors.
    """

    def __init__(self, path: Path, *, field: str) -> None:
        self.path = path
        self._field = field
        self._profiles: dict[str, Profile] = {}
        self._ends: dict[tuple[str, ...], tuple[Endpoint, ...]] = {}

    @cached_property
    def tables(self) -> dict[str, Any]:
        """Tables of the file.

        Raises
        ------
        InputError
            When there is no such file.
        DataError
            When it is not TOML.
        """
        try:
            return read_toml(self.path, field=self._field)
        except DataError as error:
            raise DataError(str(self.path), error.value, error.remedy) from None

    @cached_property
    def lines(self) -> dict[str, int]:
        """Line of each key, for errors."""
        return key_lines(self.path.read_text("utf-8-sig"))

    @contextmanager
    def located(self) -> Iterator[None]:
        """Make errors of a block name the file and the line."""
        try:
            yield
        except VeredaError as error:
            raise self.located_error(error, error.field) from error

    def located_error(self, error: VeredaError, key: str) -> DataError:
        """An error that names the file and the line of a key."""
        line = line_of(self.lines, key)
        place = f"{self.path}, line {line}" if line else str(self.path)
        return DataError(f"{place}: {key}", error.value, error.remedy)

    def near(self, text: str) -> Path:
        """A path as the file names it, taken from its folder."""
        return self.path.parent / text

    def profile(self, name: str) -> Profile:
        """A shipped profile, or one from a file."""
        from cli.options.flow_options import read_profile

        if name not in self._profiles:
            self._profiles[name] = self._own_profile(name) \
                if name.lower().endswith(SUFFIX) else read_profile(name)  # fmt: skip
        return self._profiles[name]

    def _own_profile(self, name: str) -> Profile:
        """A profile from a file; its errors name that file."""
        from cli.options.flow_options import read_profile

        try:
            return read_profile(str(self.near(name)))
        except DataError as error:
            raise DataError("profile", name, str(error)) from error

    def ends(self, texts: Sequence[str], *, field: str) -> tuple[Endpoint, ...]:
        """Ends as texts, of which some may be files of points."""
        from cli.options.flow_options import read_endpoints
        from geodata.sources.userfiles.source import is_source

        key = (field, *texts)
        if key not in self._ends:
            near = [str(self.near(text)) if is_source(text) else text for text in texts]
            self._ends[key] = read_endpoints(near, field=field)
        return self._ends[key]
