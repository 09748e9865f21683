"""The latent room."""
