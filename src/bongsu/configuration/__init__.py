"""Settings that change while all runs: tried, kept, put in force, taken back."""
