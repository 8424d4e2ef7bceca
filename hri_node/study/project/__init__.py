"""The folder of a study comes in; its protocol, images, readers, marks and results go out."""
