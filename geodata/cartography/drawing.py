"""Drawing that does not depend on the user's settings or language."""

from __future__ import annotations

import locale
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import BinaryIO

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

FAMILY = "DejaVu Sans"
"""Comes with matplotlib, so that letters are the same everywhere."""

_LOCK = threading.RLock()


@contextmanager
def plain_drawing() -> Iterator[None]:
    """Draw with the defaults of matplotlib in the block, whatever a matplotlibrc file sets.

    Settings of matplotlib belong to the process, so that only one thread draws at a time; the
    settings are restored afterwards.
    """
    _settle_language()
    with _LOCK, mpl.rc_context():
        mpl.rcdefaults()
        yield


def save_png(figure: Figure, target: str | Path | BinaryIO, *, dpi: float,
             transparent: bool = False) -> None:  # fmt: skip
    """Write a figure as PNG; the bytes depend on the figure alone.

    Parameters
    ----------
    target
        The ``.png`` to write, or an open file.
    dpi
        Pixels to an inch.
    transparent
        Whether the background is transparent.
    """
    # By default, matplotlib would write its name and version into the file.
    figure.savefig(target, format="png", dpi=dpi, transparent=transparent,
                   metadata={"Software": None})  # fmt: skip


@cache
def _settle_language() -> None:
    """Set the language for joining letters, so that text is the same in every language.

    HarfBuzz, which lays them out, takes the language from ``LC_CTYPE`` when it is first used and
    keeps it; "ffi" takes another width in Spanish. A first line of text is therefore drawn while
    ``LC_CTYPE`` has no language.
    """
    usual = locale.setlocale(locale.LC_CTYPE)
    locale.setlocale(locale.LC_CTYPE, "C")
    try:
        face = FontProperties(family=FAMILY)
        text_to_path.get_text_width_height_descent("office", face, ismath=False)
    finally:
        locale.setlocale(locale.LC_CTYPE, usual)
