"""What every room is made of: a request, its presets, a run that is followed, pictures of items."""
