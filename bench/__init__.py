"""Measurements anybody can repeat: `make bench`, or `python -m bench NAME …`.

Each module measures one promise beside the peer that sets it, in the same run, and gives `Figure`s; `report.py` turns
them into the table of docs/performance.md. CPU per unit counts for more than wall time: it is what stays the same on
a machine that has other things to do.
"""
