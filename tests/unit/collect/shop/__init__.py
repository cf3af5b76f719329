"""Unit tests of bongsu.collect.shop."""
