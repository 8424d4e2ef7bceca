"""The network that finds liver and kidney in a picture."""
