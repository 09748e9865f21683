"""Triptych: a local studio in which designers write, make pictures and explore latent spaces."""

__version__ = "0.1.0"
