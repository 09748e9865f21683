"""GAN training: losses, augmentation, data, metrics and the trainer."""
