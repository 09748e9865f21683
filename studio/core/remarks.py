"""What people should know of a thing that was made: what went otherwise than asked."""

from collections.abc import Mapping
from typing import Any

from studio.core.prompt_marks import remark_on_marks
from studio.core.text import tr, tr_count


def remarks_on(notes: Mapping[str, Any]) -> list[str]:
    """What went otherwise than asked, in sentences, from the notes of a thing or of a result."""
    found = _on_prompt(notes)
    if notes.get("reference"):
        found.append(tr("The model took the start picture as a reference; strength has no effect there."))
    if notes.get("tiled"):
        found.append(tr("Memory was short: it was decoded in tiles."))
    if notes.get("decoded") == "float32":
        found.append(tr("It came out black at first and was decoded once more in float32."))
    if notes.get("black"):
        found.append(tr("It is black all over. Another seed may help, or float32 in Settings."))
    if notes.get("withheld"):
        found.append(tr("The model's own safety checker blackened it."))
    found += _on_text(notes)
    for name in ("found", "estimate", "broken"):
        found += [str(sentence) for sentence in notes[name]] if isinstance(notes.get(name), list) else []
    if place := notes.get("trained"):
        found.append(tr("The trained model is {path}", path=place))
    return found


def _on_prompt(notes: Mapping[str, Any]) -> list[str]:
    found = []
    if notes.get("no_prompt"):
        found.append(tr("There was no prompt: the model drew what it liked."))
    if asked := notes.get("asked_size"):
        found.append(
            tr("{width} × {height} was asked for; the model needs other multiples.", width=asked[0], height=asked[1])
        )
    if share := notes.get("cut_away"):
        found.append(tr("{percent} % of the start picture was cut away.", percent=share))
    if cut := notes.get("truncated"):
        found.append(
            tr_count(
                cut,
                "{count} token of the prompt was beyond what the model reads.",
                "{count} tokens of the prompt were beyond what the model reads.",
            )
        )
    if cut := notes.get("truncated_negative"):
        found.append(
            tr_count(
                cut,
                "{count} token of the negative prompt was beyond what the model reads.",
                "{count} tokens of the negative prompt were beyond what the model reads.",
            )
        )
    if notes.get("marks"):
        found.append(remark_on_marks())
    if notes.get("unread") == "negative":
        found.append(tr("This model reads no negative prompt."))
    return found


def _on_text(notes: Mapping[str, Any]) -> list[str]:
    found = []
    if notes.get("no_words"):
        found.append(tr("There was no prompt: the model wrote what it liked."))
    if notes.get("unread") == "instructions":
        found.append(tr("This model's chat template leaves the instructions out."))
    if notes.get("tied"):
        found.append(
            tr("The model's files hold no output layer (lm_head); the one that reads words was taken for it too.")
        )
    if context := notes.get("context"):
        found.append(tr("It ends here: the model sees no more than {count} tokens at once.", count=context))
    return found
