"""Runners for GANs and autoencoders: in the engine, without Qt."""
