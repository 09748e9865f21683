"""Ovis-Image: latents in patches."""

from studio.ml.families.code import Code, unpack

CODE = Code(unpack=unpack)
