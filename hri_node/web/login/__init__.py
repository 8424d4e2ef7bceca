"""Requests come in from anybody; those of people who may make them go on, with their name and role."""
