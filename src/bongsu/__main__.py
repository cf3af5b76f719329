"""`python -m bongsu` is the command `bongsu`."""

from bongsu.cli import entry

entry()
