"""Metadata that other tools write into their pictures: one file per tool."""
