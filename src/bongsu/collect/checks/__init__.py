"""Checks: something is asked at intervals whether it is well, and how it stands is kept."""
