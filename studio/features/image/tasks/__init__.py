"""What can be asked of diffusion models."""
