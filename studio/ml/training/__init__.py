"""What trainings have in common: the losses that a generator and its discriminator play for."""
