"""What can be asked of GANs and autoencoders."""
