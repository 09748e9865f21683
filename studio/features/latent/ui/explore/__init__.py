"""What all modes stand on: the state, the frames, the stars, what a mode is."""
