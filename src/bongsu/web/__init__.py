"""The live board: plain ES modules and Chart.js, and the routes that serve them."""

from bongsu.web.assets import Assets
from bongsu.web.boot import Boot
from bongsu.web.pages import asset_routes, routes

__all__ = ["Assets", "Boot", "asset_routes", "routes"]
