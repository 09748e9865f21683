"""How a text ends and is gone on from: by the model, its template, a stop string, a full context or a fault."""

from pathlib import Path
from typing import Any

import pytest
import torch

from studio.core.errors import StudioError
from studio.features.write.runs import write as run
from studio.features.write.runs.write import write
from studio.features.write.tasks.write import WriteFacts
from studio.ml.load.text import LanguageModel, load_language_model
from tests.features.write.runs.asking import asked, made, speak
from tests.recording import RecordingContext
from tests.tiny_writer import save_writer


@pytest.fixture
def ending(writer: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> LanguageModel:
    """The model that would end after each token."""
    real = run.Reader._last

    def end(found: Any) -> torch.Tensor:
        logits = real(found)
        logits[:, sorted(writer.ends)] = 100.0
        return logits

    monkeypatch.setattr(run.Reader, "_last", staticmethod(end))
    return writer


@pytest.mark.parametrize(
    "fields", [{"begin": " sat."}, {"prompt": "the cat sat."}, {"mode": "chat", "begin": "It sat."}]
)
@pytest.mark.parametrize("temperature", [0, 0.8])
def test_a_text_that_ended_is_gone_on_from(
    context: RecordingContext, ending: LanguageModel, fields: dict[str, Any], temperature: float
) -> None:
    task = asked(**fields, temperature=temperature, variants=2)
    for text in made(task, context):
        words = text.text.removeprefix(task.opening)
        assert words.strip()
        assert not any(token in words for token in ending.tokenizer.all_special_tokens)
        assert text.notes["stopped"] == "end"


def test_a_text_that_ended_at_a_stop_string_is_gone_on_from(
    context: RecordingContext, writer: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(writer, monkeypatch, ". and on. and")
    (text,) = made(asked(stop=(".",)), context)
    assert text.text == "the cat. and on"


TURNS = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|system|>\n{% endfor %}<|assistant|>"
WORDS = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:"


@pytest.mark.parametrize(
    ("template", "said", "stopped"),
    [(TURNS, "Hello.<|system|>\n<|user|>next", "end"), (WORDS, "Hello.\nuser: next", "stop")],
)
def test_an_answer_ends_with_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str, said: str, stopped: str
) -> None:
    context = RecordingContext(address=str(save_writer(tmp_path / "turns", template=template)))
    speak(context.model("", load_language_model), monkeypatch, said)
    (text,) = made(asked(mode="chat"), context)
    assert (text.text, text.notes["stopped"]) == ("Hello.", stopped)


def test_the_end_of_what_the_model_sees_is_said(context: RecordingContext, writer: LanguageModel) -> None:
    (text,) = made(asked(length=5000, stop=(), temperature=2, top_p=1.0), context)
    assert text.notes["stopped"] == "context"
    assert len(text.notes.items() & {"context": writer.context}.items()) == 1
    assert text.notes["tokens"] + 2 == writer.context
    assert WriteFacts.of(text.notes).remarks() == ["The text ends here: the model can't take more than 256 tokens."]


def test_what_was_written_before_the_model_failed_is_kept(
    context: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = run.Reader.next, []

    def fails(self: Any, tokens: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        if len(calls) > 6:
            raise IndexError("index out of range in self")
        return real(self, tokens)

    monkeypatch.setattr(run.Reader, "next", fails)
    texts = made(asked(variants=2), context)
    assert [(text.notes["tokens"], text.notes["stopped"]) for text in texts] == [(6, "broken")] * 2
    assert all("couldn't continue. Ask for" in " ".join(WriteFacts.of(text.notes).remarks()) for text in texts)
    with pytest.raises(StudioError, match=r"couldn't continue\. Ask for") as caught:
        write(asked(), context)
    assert caught.value.trouble == "model_unusable"


def test_instructions_that_the_template_leaves_out_are_told(tmp_path: Path) -> None:
    deaf = "{% for m in messages if m.role != 'system' %}<|{{ m.role }}|>{{ m.content }}{% endfor %}<|assistant|>"
    context = RecordingContext(address=str(save_writer(tmp_path / "deaf", template=deaf)))
    (text,) = made(asked(mode="chat", system="Be brief."), context)
    assert WriteFacts.of(text.notes).remarks() == ["This model's chat template leaves the instructions out."]
    (text,) = made(asked(mode="chat"), context)
    assert WriteFacts.of(text.notes).remarks() == []
