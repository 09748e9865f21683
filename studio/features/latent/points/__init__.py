"""Points of a latent space, and arithmetic with them."""
