"""What holds for all families: how a folder is judged, and what libraries may be given of it."""
