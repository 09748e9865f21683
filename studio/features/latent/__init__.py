"""The Latent room: a GAN's latent space."""

TITLE = "Latent"
ICON = "latent"
