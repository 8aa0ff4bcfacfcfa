"""The desk: the folder a team works in, its paths, its lock, and writing files whole."""
