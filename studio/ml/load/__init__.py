"""Readers of model folders and files: from an address to a model that can be run."""
