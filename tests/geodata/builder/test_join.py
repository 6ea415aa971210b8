"""Joining nodes to the cells around them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geodata.builder.build import read_study_grid
from geodata.builder.join import Joiner, join_to_mesh
from geodata.sources.study import Study
from tests.support.worlds.made_study import write_area


def test_at_the_edge_of_the_grid_no_cell_is_joined_twice(tmp_path):
    study = Study.open(write_area(tmp_path, keys='countries = ["XA"]'))
    grid = read_study_grid(study, study.area)
    x, y = study.area.centres()
    # Only the cell in the corner is met, so that there is no other to be joined.
    corner = np.ravel_multi_index((0, 0), study.area.shape)
    grid.country.ravel()[corner] = 0
    joiner = Joiner(grid=grid)
    spot = {"x": [x[0, 0]], "y": [y[0, 0]], "kind": "place", "country": "XA", "name": "Corner"}
    joiner.land_node[corner] = joiner.add_nodes(pd.DataFrame(spot))[0]
    numbers = joiner.add_nodes(pd.DataFrame(spot))
    join_to_mesh(joiner, numbers, limit_m=4000.0)
    assert joiner.snaps["access"]["joined"] == 1
