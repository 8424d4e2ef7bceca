"""Readings come in; how well readers and network agree, as numbers, tables and figures, goes out: the paper's study."""
