"""Which models exist: the catalogue, and reading of untrusted headers."""
