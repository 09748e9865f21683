"""Which models exist: catalogue, shelf on disk, and reading of untrusted headers."""
