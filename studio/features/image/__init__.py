"""The Image room: diffusion models."""

TITLE = "Image"
ICON = "image"
