"""Unit tests of bongsu.services."""
