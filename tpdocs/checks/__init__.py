"""Checks: pure functions from a problem, the settings and a time to findings. They write nothing and read no clock."""
