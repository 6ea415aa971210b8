"""QGIS as a program of its own."""

from __future__ import annotations

import os
import subprocess

QGIS_PYTHON = "/usr/bin/python3"
ATTEMPTS = 3


def run(*arguments):
    """Run QGIS's own Python without a screen and without our environment's packages.

    When QGIS itself crashes, which it does now and then, nothing was said of what it was given: it
    is asked again, and a third time. What makes it crash always is a fault.
    """
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PROJ_LIB", "PROJ_DATA", "GDAL_DATA")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment["QT_QPA_PLATFORM"] = "offscreen"
    for _ in range(ATTEMPTS):
        done = subprocess.run(
            [QGIS_PYTHON, *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        if done.returncode >= 0:
            break
    return done
