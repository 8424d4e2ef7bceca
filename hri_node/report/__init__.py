"""Measured images come in, DICOM objects go out: the structured report, segmentations and pictures."""
