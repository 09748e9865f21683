"""What was made: paths, atomic files, index, metadata, export, settings."""
