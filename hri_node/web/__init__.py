"""HTTP requests come in; instances go to the intake, and answers about them, or about the node's health, go out."""
