"""StyleGAN2, in NVIDIA's form and in that of stylegan2-pytorch."""

from studio.families.rules.family import Family

FAMILY = Family(
    name="stylegan2",
    can=("latent>image",),
    architectures={"stylegan2": "StyleGAN2"},
    layers=("to_rgb1.conv.weight", "synthesis.b4.const"),  # of stylegan2-pytorch, and of NVIDIA
)
