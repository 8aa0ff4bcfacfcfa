"""The matrix: every shape a filled form can take, by every way it can reach us."""
