"""What people should know of a thing that was made: what went otherwise than asked."""

from collections.abc import Mapping
from typing import Any

from studio.core.prompt_marks import remark_on_marks
from studio.core.text import tr, tr_count


def remarks_on(notes: Mapping[str, Any]) -> list[str]:
    """What went otherwise than asked, in sentences, from the notes of a thing or of a result."""
    found = _on_prompt(notes)
    if notes.get("reference"):
        found.append(tr("The model used the start picture as a reference; strength had no effect."))
    if notes.get("tiled"):
        found.append(tr("Memory was low, so it was decoded in tiles."))
    if notes.get("decoded") == "float32":
        found.append(tr("It came out black at first, so it was decoded again in float32."))
    if notes.get("black"):
        found.append(tr("The picture is entirely black. Try another seed, or float32 in Settings."))
    if notes.get("withheld"):
        found.append(tr("The model's own safety checker blacked it out."))
    found += _on_text(notes)
    for name in ("found", "estimate", "broken"):
        found += [str(sentence) for sentence in notes[name]] if isinstance(notes.get(name), list) else []
    if place := notes.get("trained"):
        found.append(tr("The trained model is {path}", path=place))
    return found


def _on_prompt(notes: Mapping[str, Any]) -> list[str]:
    found = []
    if notes.get("no_prompt"):
        found.append(tr("There was no prompt, so the model drew whatever it liked."))
    if asked := notes.get("asked_size"):
        found.append(
            tr("{width} × {height} was requested; the model needs other multiples.", width=asked[0], height=asked[1])
        )
    if share := notes.get("cut_away"):
        found.append(tr("{percent} % of the start picture was cropped.", percent=share))
    if cut := notes.get("truncated"):
        found.append(
            tr_count(
                cut,
                "{count} token of the prompt was past the model's limit and ignored.",
                "{count} tokens of the prompt were past the model's limit and ignored.",
            )
        )
    if cut := notes.get("truncated_negative"):
        found.append(
            tr_count(
                cut,
                "{count} token of the negative prompt was past the model's limit and ignored.",
                "{count} tokens of the negative prompt were past the model's limit and ignored.",
            )
        )
    if notes.get("marks"):
        found.append(remark_on_marks())
    if notes.get("unread") == "negative":
        found.append(tr("This model doesn't use a negative prompt."))
    return found


def _on_text(notes: Mapping[str, Any]) -> list[str]:
    found = []
    if notes.get("no_words"):
        found.append(tr("There was no prompt, so the model wrote whatever it liked."))
    if notes.get("unread") == "instructions":
        found.append(tr("This model's chat template leaves the instructions out."))
    if notes.get("tied"):
        found.append(
            tr("The model's files contain no output layer (lm_head), so its input embedding was used instead.")
        )
    if context := notes.get("context"):
        found.append(tr("The text ends here: the model can't take more than {count} tokens.", count=context))
    return found
