"""How the Latent room's other requests are computed, as ``run.py`` computes its pictures: in the engine, without Qt."""
