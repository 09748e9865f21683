"""The library of everything made: paths, atomic files, index, metadata, export, settings."""
