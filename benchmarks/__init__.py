"""Measurements, kept apart from the tests: they print figures and judge nothing. Run with `make bench`."""
