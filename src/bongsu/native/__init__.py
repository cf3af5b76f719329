"""What is worth doing in C: text of points and steps of samples, whose time numpy spends on being called.

The library is built when the package is installed, where there is a C compiler (`build.py`). Without it
`points` answers None and `available` says so; whoever asks does the same in Python: as right, not as quick.
"""

from bongsu.native.library import why_missing
from bongsu.native.points import TextWriter, points
from bongsu.native.question import question_reader
from bongsu.native.steps import available

__all__ = ["TextWriter", "available", "points", "question_reader", "why_missing"]
