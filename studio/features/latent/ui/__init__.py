"""What is seen of the Latent room."""
