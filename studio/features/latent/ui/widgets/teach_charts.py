"""The two charts of a training."""

from studio.core.text import tr
from studio.ui.chart import Chart


def loss_chart() -> Chart:
    """The losses of generator and discriminator."""
    return Chart(
        tr("Loss"),
        tr("The losses of generator and discriminator. Neither keeps falling, since each learns from the other."),
        (tr("Generator"), tr("Discriminator")),
        ("focus", "warn"),
        tr("pictures"),
    )


def kid_chart() -> Chart:
    """The KID of the generated pictures."""
    return Chart(
        tr("KID × 1000"),
        tr(
            "How far its pictures are from yours; lower is better. The features come from a small fixed network "
            "with random weights, not from Inception, so compare these numbers only with each other."
        ),
        (tr("KID"),),
        ("ok",),
        tr("pictures"),
        logarithmic=True,
    )
