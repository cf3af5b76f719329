"""Unit tests of bongsu.instrument."""
