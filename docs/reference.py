"""Write the API reference: `make reference`.

pdoc documents what ``__all__`` of a package lists, once it is imported; a face imports a name when
it is first asked for. So all names of all faces are imported here, those of the rooms among them.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pdoc

import geodata
import routes

LEFT_OUT = ("geodata.borderlands.derive",)
"""Scripts that made the bundled layers, from packages that no user has."""


def rooms() -> Iterator[str]:
    """Names of the two packages and of the rooms inside, each with its names imported."""
    for package in (routes, geodata):
        inside = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        for name in (package.__name__, *(each.name for each in inside if each.ispkg)):
            if name not in LEFT_OUT:
                face = import_module(name)
                vars(face).update({each: getattr(face, each) for each in face.__all__})
                yield name


pdoc.render.configure(docformat="numpy", show_source=False)
pdoc.pdoc(*rooms(), output_directory=Path("build/reference"))
