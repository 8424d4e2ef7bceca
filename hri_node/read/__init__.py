"""Instances and picture files come in; grey frames with their spacing go out, and nothing that names a patient."""
