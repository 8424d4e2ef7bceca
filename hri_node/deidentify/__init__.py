"""An instance and its cleaned pixels come in; one that names nobody goes out (PS3.15 Annex E)."""
