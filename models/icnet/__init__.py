"""ICNet for liver and kidney: definition, training, export and evaluation."""
