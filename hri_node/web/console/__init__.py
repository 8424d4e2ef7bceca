"""Requests of browsers come in, pages of the console go out."""
