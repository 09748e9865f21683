"""How pictures of points look: what all requests for them have."""

from typing import Annotated, Literal

from msgspec import Meta

from studio.core.task import Task
from studio.features.latent.points.point import Scales


class LookTask(Task, frozen=True, kw_only=True):
    """Truncation, grain, place, and channels that are scaled."""

    psi: Annotated[
        float,
        Meta(
            ge=-1,
            le=2,
            title="Truncation ψ",
            description="0 is the average picture, 1 the full variety; about 0.7 is a good middle.",
            extra={"step": 0.01},
        ),
    ] = 0.7
    cutoff: Annotated[
        int,
        Meta(
            ge=0,
            le=64,
            title="Cutoff layer",
            description="Truncate only the layers before this one; 0 truncates all.",
            extra={"step": 1},
        ),
    ] = 0
    noise: Annotated[
        Literal["const", "random", "none"],
        Meta(title="Noise", description="The fine grain: always the same, new each time, or none."),
    ] = "const"
    strength: Annotated[
        float,
        Meta(
            ge=0,
            le=2,
            title="Grain",
            description="How strong the noise is: 1 as the model learned it. A StyleGAN3 has none.",
            extra={"step": 0.01},
        ),
    ] = 1.0
    noise_seed: Annotated[
        int,
        Meta(
            ge=-1,
            le=2**31 - 1,
            title="Noise seed",
            description="What random noise is drawn from; -1 is new each time.",
            extra={"widget": "hidden"},
        ),
    ] = -1
    turn: Annotated[
        float,
        Meta(
            ge=-360,
            le=360,
            title="Turn",
            description="Turn the picture, clockwise; only a StyleGAN3 can.",
            extra={"step": 1.0, "unit": "°", "group": "more"},
        ),
    ] = 0.0
    shift_x: Annotated[
        float,
        Meta(
            ge=-2,
            le=2,
            title="Shift right",
            description="Shift the picture to the right, in widths of it; only a StyleGAN3 can.",
            extra={"step": 0.01, "group": "more"},
        ),
    ] = 0.0
    shift_y: Annotated[
        float,
        Meta(
            ge=-2,
            le=2,
            title="Shift down",
            description="Shift the picture down, in heights of it; only a StyleGAN3 can.",
            extra={"step": 0.01, "group": "more"},
        ),
    ] = 0.0
    scales: Scales = ()
