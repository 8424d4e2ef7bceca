"""Arguments of the command line come in, work and words for people go out; one module for each kind of command."""
