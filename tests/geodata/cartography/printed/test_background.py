"""What lies under a printed map, where it lies across the antimeridian."""

from __future__ import annotations

import geopandas as gpd
import shapely
from matplotlib.figure import Figure

from geodata.area import StudyArea
from geodata.cartography.basemap import ProjectedBasemap, fit_rectangle
from geodata.cartography.printed.background import draw_background
from geodata.cartography.styles.result_styles import REMOTENESS


def test_meridians_on_both_sides_of_the_antimeridian_have_their_degrees() -> None:
    area = StudyArea(
        name="fiji", bbox=(177.5, -19.0, 182.5, -16.0), countries=(), neighbours=(), cell_m=9000.0
    )
    frame, none = fit_rectangle(area), shapely.MultiPolygon()
    sheet = Figure().add_axes((0, 0, 1, 1))
    projected = ProjectedBasemap(outline=frame, finer=1.0, countries={}, land=none, lakes=none)
    columns = {"country": [], REMOTENESS.measure: []}
    units = gpd.GeoDataFrame(columns, geometry=[], crs=area.crs)
    draw_background(sheet, projected, area, units, REMOTENESS)
    degrees = {text.get_text() for text in sheet.texts}
    assert {"178°E", "179°E", "180°E", "179°W", "178°W"} <= degrees
    assert not any(text.startswith("18") and text != "180°E" for text in degrees - {"18°S"})
