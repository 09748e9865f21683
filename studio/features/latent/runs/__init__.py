"""How what is asked of GANs and autoencoders is computed: in the engine, without Qt."""
