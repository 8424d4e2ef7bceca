"""Facts about the node come in; what is wrong, long enough to be worth a word, is told to people who do not look."""
