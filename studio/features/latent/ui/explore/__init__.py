"""What all modes share: the state, the frames, the stars, and the mode interface."""
