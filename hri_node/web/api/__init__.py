"""Requests of programs come in, JSON goes out; every answer is described in ``/api/openapi.json``."""
