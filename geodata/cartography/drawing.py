"""Drawing that depends only on what is drawn, not on the user's settings or language."""

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
    """Draw by the defaults of the library in the block, whatever a matplotlibrc says.

    Settings of matplotlib belong to the whole process, so that one thread draws at a time;
    afterwards they are as they were.
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
        Whether there is no paper.
    """
    # The name of the software, with its version, would be told otherwise.
    figure.savefig(target, format="png", dpi=dpi, transparent=transparent,
                   metadata={"Software": None})  # fmt: skip


@cache
def _settle_language() -> None:
    """Have letters joined alike in every language.

    HarfBuzz, which lays them out, takes the language from ``LC_CTYPE`` when it is first used and
    keeps it; "ffi" takes another width in Spanish. It is asked for a first line of text while
    that says no language.
    """
    usual = locale.setlocale(locale.LC_CTYPE)
    locale.setlocale(locale.LC_CTYPE, "C")
    try:
        face = FontProperties(family=FAMILY)
        text_to_path.get_text_width_height_descent("office", face, ismath=False)
    finally:
        locale.setlocale(locale.LC_CTYPE, usual)
