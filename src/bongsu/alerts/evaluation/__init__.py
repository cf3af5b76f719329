"""Rules against what passes: windows, conditions, and the signals that follow."""
