"""The Latent room's panel and widgets."""
