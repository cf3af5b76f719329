"""Samples over time, on SQLite: a tail of what came last, compressed blocks behind it, roll-ups beside them.

    append → tail (memory, and a blob a commit in the file) → blocks of an hour → minutes → hours

`EmbeddedHistory` is the door; every other module here is one noun of it.
"""
