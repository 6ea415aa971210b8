"""Write the API reference: `make reference`.

What `routes` and `geodata` offer is imported when it is first asked for; here all of it is.
"""

from __future__ import annotations

from pathlib import Path

import pdoc

import geodata
import routes

for face in (routes, geodata):
    vars(face).update({name: getattr(face, name) for name in face.__all__})
pdoc.render.configure(docformat="numpy", show_source=False)
pdoc.pdoc("routes", "geodata", output_directory=Path("build/reference"))
