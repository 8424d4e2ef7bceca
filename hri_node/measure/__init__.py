"""Grey levels and probabilities in, regions of interest and the hepatorenal index out; arrays only."""
