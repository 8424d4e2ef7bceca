"""Tests of the console in Chromium. A package, so that fixtures of this scope end with its last test."""
