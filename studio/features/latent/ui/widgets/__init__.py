"""Widgets of the Latent room that don't depend on its state."""
