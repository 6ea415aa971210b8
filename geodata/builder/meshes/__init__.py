"""Meshes over the cells of the grid: on foot over land, and by boat over water."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.builder.meshes.land_mesh import TOBLER_FLAT, build_land_mesh, tobler
    from geodata.builder.meshes.mesh import Mesh
    from geodata.builder.meshes.sea_mesh import build_sea_mesh

__all__ = ["TOBLER_FLAT", "Mesh", "build_land_mesh", "build_sea_mesh", "tobler"]

__getattr__, __dir__ = offer(__name__)
