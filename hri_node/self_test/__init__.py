"""A wish comes in; synthetic images go all the way through the node, and a verdict on each step goes out."""
