"""Qwen-Image 2.1: latents in patches, of an autoencoder of films."""

from studio.ml.families.code import Code, unpack

CODE = Code(unpack=unpack)
