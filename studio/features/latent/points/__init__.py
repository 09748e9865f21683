"""Points of a latent space, and what is reckoned with them."""
