"""StyleGAN3."""

from studio.families.rules.family import Family

FAMILY = Family(
    name="stylegan3",
    can=("latent>image",),
    architectures={"stylegan3": "StyleGAN3"},
    layers=("synthesis.input.freqs",),
    modules=("SynthesisInput",),
)
