"""A study's images come in; what readers mark on them in a browser goes out, and nobody sees anybody else's marks."""
