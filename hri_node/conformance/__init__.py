"""Settings and the code's own tables come in; the DICOM conformance statement (PS3.2) of an installation goes out."""
