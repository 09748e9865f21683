"""What files say about how they were made: written into pictures, texts and films, and read back."""
