"""DICOM objects come in; they are stored at a peer, or an error says whether asking again can help."""
