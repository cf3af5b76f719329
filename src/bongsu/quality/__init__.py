"""Feeds: what came of each symbol, whether it was complete, right, in time and consistent, and what went wrong."""
