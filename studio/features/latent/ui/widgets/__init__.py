"""Widgets of the Latent room that know none of its state."""
