"""Synthetic liver and kidney views with known truth."""
