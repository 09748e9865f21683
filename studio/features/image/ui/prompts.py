"""The two prompts of the Image room: what to show and what to avoid, each counted as the model reads it."""

from functools import partial

from studio.app.services import Model, StudioServices
from studio.core.fields import Field
from studio.core.prompt_marks import has_marks, remark_on_marks
from studio.core.text import tr
from studio.ui.prompt_box import PromptBox

HINT = "a white boat on the right on the sea at sunset, a yellow sun on the left"


def make_prompts(fields: dict[str, Field]) -> tuple[PromptBox, PromptBox]:
    """The boxes for both prompts, which are taken out of ``fields``."""
    prompt, negative = fields.pop("prompt"), fields.pop("negative")
    boxes = (
        PromptBox(tr(prompt.title), tr(prompt.help), tr(HINT)),
        PromptBox(tr(negative.title), tr(negative.help), tr(negative.help), lines=1),
    )
    for box in boxes:
        box.set_remarks(lambda words: remark_on_marks() if has_marks(words) else "")
    return boxes


def count_for(model: Model | None, services: StudioServices, *boxes: PromptBox) -> None:
    """Count the tokens in ``boxes`` as ``model`` reads them."""
    for box in boxes:
        box.set_counter(partial(services.count_tokens, model) if model is not None else None)
