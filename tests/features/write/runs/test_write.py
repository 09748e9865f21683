"""The Write runner on a tiny real model: streams, variants, seeds, stops, chats, and prompts of any size."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import GenerationConfig

from studio.core.errors import Stopped, StudioError
from studio.core.values import Result
from studio.features.write.runs import prompt
from studio.features.write.runs import write as run
from studio.features.write.runs.prompt import pieces
from studio.features.write.runs.write import write
from studio.features.write.tasks.write import Turn
from studio.ml.load.text import LanguageModel
from studio.ml.writing.chat import ChatWriter
from tests.features.write.runs.asking import LONG_ENOUGH, asked, made, speak
from tests.recording import RecordingContext
from tests.tiny_writer import save_writer


def test_a_text_streams_and_is_made(context: RecordingContext) -> None:
    result = write(asked(), context)
    (text,) = context.assets
    assert text.kind == "words"
    assert text.text == f"the cat{context.text[0]}"
    assert text.notes["seed"] == 5
    assert text.notes["index"] == 0
    assert 0 < text.notes["tokens"] <= LONG_ENOUGH
    assert text.notes["tokens_per_second"] > 0
    assert text.notes["stopped"] in ("end", "length")
    assert result == Result(notes={"seed": 5, "prompt_tokens": 2})
    stages = [stage for _, _, stage in context.steps]
    assert stages[:3] == ["Loading", "Reading", "Writing"]
    assert all(0 <= done <= total for done, total, stage in context.steps if stage == "Writing")


def test_temperature_0_writes_what_generate_writes(context: RecordingContext, writer: LanguageModel) -> None:
    task = asked(temperature=0, repetition_penalty=1.0, length=20)
    (text,) = made(task, context)
    prompt = torch.tensor([writer.tokenizer.encode(task.prompt)])
    settings = GenerationConfig(max_new_tokens=20, do_sample=False, eos_token_id=list(writer.ends), pad_token_id=0)
    whole = writer.model.generate(prompt, attention_mask=torch.ones_like(prompt), generation_config=settings)
    assert text.text == writer.tokenizer.decode(whole[0], skip_special_tokens=True)


def test_the_same_seed_writes_the_same_and_another_does_not(context: RecordingContext) -> None:
    first, again, other = (made(asked(seed=seed), context)[0].text for seed in (5, 5, 6))
    assert first == again != other


def test_each_variant_can_be_written_again_alone(context: RecordingContext) -> None:
    variants = made(asked(variants=4), context)
    assert [text.notes["index"] for text in variants] == [0, 1, 2, 3]
    assert [text.notes["seed"] for text in variants] == [5, 6, 7, 8]
    assert {place: f"the cat{words}" for place, words in context.text.items()} == {
        place: text.text for place, text in enumerate(variants)
    }
    assert len({text.text for text in variants}) == 4
    for text in variants:
        assert made(asked(seed=text.notes["seed"]), context)[0].text == text.text


def test_variants_that_end_early_leave_the_others_alone(context: RecordingContext) -> None:
    task = asked(variants=4, stop=("o", "a"), length=120)
    variants = made(task, context)
    assert len({text.notes["tokens"] for text in variants}) > 1
    assert [made(asked(seed=5 + k, stop=("o", "a"), length=120), context)[0].text for k in range(4)] == [
        text.text for text in variants
    ]


def test_a_seed_is_drawn_and_told(context: RecordingContext) -> None:
    result = write(asked(seed=-1, length=5), context)
    seed = result.notes["seed"]
    assert context.assets[-1].notes["seed"] == seed
    assert made(asked(seed=seed, length=5), context)[0].text == context.assets[-1].text


def test_the_last_seed_is_followed_by_the_first(context: RecordingContext) -> None:
    texts = made(asked(seed=2**64 - 1, variants=2, length=3), context)
    assert [text.notes["seed"] for text in texts] == [2**64 - 1, 0]


def test_characters_stream_whole(
    context: RecordingContext, writer: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts: list[str] = []
    monkeypatch.setattr(context, "words", lambda text, index=0: parts.append(text))
    speak(writer, monkeypatch, "猫と🐈。")
    (text,) = made(asked(), context)
    assert parts == ["猫", "と", "🐈", "。"]
    assert text.text == "the cat猫と🐈。"
    assert text.notes["stopped"] == "end"


def test_a_stop_string_ends_the_text_and_is_not_shown(
    context: RecordingContext, writer: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(writer, monkeypatch, "the dog\n\nUser: the log")
    (text,) = made(asked(stop=("never", "\n\nUser:")), context)
    assert text.text == "the catthe dog"
    assert context.text == {0: "the dog"}
    assert text.notes["stopped"] == "stop"


def test_half_a_stop_string_is_shown_when_the_text_ends(
    context: RecordingContext, writer: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(writer, monkeypatch, "the dog\n\nUs")
    (text,) = made(asked(stop=("\n\nUser:",)), context)
    assert context.text == {0: "the dog\n\nUs"}
    assert text.text == "the catthe dog\n\nUs"


def test_a_special_token_can_be_a_stop_string(
    context: RecordingContext, writer: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(writer, monkeypatch, "the dog<|user|>the log")
    (text,) = made(asked(stop=("<|user|>",)), context)
    assert text.text == "the catthe dog"


def test_length_is_held(context: RecordingContext) -> None:
    (text,) = made(asked(length=3, stop=()), context)
    assert text.notes["tokens"] == 3
    assert text.notes["stopped"] == "length"


def test_going_on_gives_the_whole_answer(
    context: RecordingContext, writer: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(writer, monkeypatch, " on the mat")
    (text,) = made(asked(mode="chat", begin="The cat sat"), context)
    assert text.text == "The cat sat on the mat"
    assert context.text == {0: " on the mat"}


def test_going_on_reads_what_was_written(context: RecordingContext) -> None:
    (plain,) = made(asked(prompt="the cat sat"), context)
    (gone_on,) = made(asked(prompt="the cat", begin=" sat"), context)
    assert gone_on.text == plain.text


def test_an_empty_prompt_begins_anew(context: RecordingContext) -> None:
    result = write(asked(prompt="", length=4), context)
    assert result.notes["prompt_tokens"] == 1
    assert context.assets


def test_a_chat_has_its_history(context: RecordingContext, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    real = ChatWriter.prompt
    monkeypatch.setattr(ChatWriter, "prompt", lambda *given: (seen.append(given[1:3]), real(*given))[1])
    history = (Turn("user", "the cat?"), Turn("assistant", "sat"))
    write(asked(mode="chat", system="Be brief.", history=history, prompt="the dog?", begin="It"), context)
    messages, begin = seen[0]
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert [message["content"] for message in messages] == ["Be brief.", "the cat?", "sat", "the dog?"]
    assert begin == "It"


def test_a_chat_without_a_template_says_so(tmp_path: Path) -> None:
    bare = save_writer(tmp_path / "bare", template=None)
    with pytest.raises(StudioError, match="Draft mode"):
        write(asked(mode="chat"), RecordingContext(address=str(bare)))
    context = RecordingContext(address=str(bare))
    write(asked(length=2), context)
    assert context.assets


def test_a_long_draft_loses_its_beginning(context: RecordingContext, writer: LanguageModel) -> None:
    result = write(asked(prompt="the cat sat on the mat " * 100, length=50), context)
    assert result.notes["prompt_tokens"] == writer.context - 50
    assert result.notes["truncated"] > 0
    assert context.assets[0].notes["tokens"] <= 50


def test_a_length_beyond_the_model_leaves_half_of_it_to_the_prompt(
    context: RecordingContext, writer: LanguageModel
) -> None:
    result = write(asked(prompt="the cat sat on the mat " * 100, length=5000, stop=()), context)
    assert result.notes["prompt_tokens"] == writer.context // 2
    assert context.assets[0].notes["tokens"] <= writer.context // 2


def test_a_million_characters_are_no_trouble(context: RecordingContext) -> None:
    result = write(asked(prompt="the cat sat on the mat " * 43_500, length=2), context)
    assert result.notes["truncated"] > 100_000
    assert context.assets


def test_a_million_characters_can_be_stopped(context: RecordingContext, writer: LanguageModel) -> None:
    context.cancel_after, context.cancel_stage = 1, "Loading"
    with pytest.raises(Stopped):
        write(asked(prompt="x" * 1_000_000), context)
    assert not context.assets


def test_pieces_are_the_text_and_keep_words_together() -> None:
    text = "the cat sat " * 50_000
    found = pieces(text)
    assert "".join(found) == text
    assert len(found) > 1
    assert all(len(piece) <= prompt.PIECE for piece in found)
    assert all(piece.startswith(" ") for piece in found[1:])
    assert "".join(pieces("x" * 250_000)) == "x" * 250_000
    assert pieces("") == [""]


def test_a_long_chat_loses_its_oldest_messages(context: RecordingContext, writer: LanguageModel) -> None:
    talk = tuple(Turn("user" if k % 2 == 0 else "assistant", f"message {k} " * 3) for k in range(40))
    result = write(asked(mode="chat", history=talk, system="Be brief.", length=40), context)
    assert result.notes["truncated"] > 0
    assert result.notes["prompt_tokens"] <= writer.context - 40


def test_a_chat_that_is_cut_is_written_by_one_process(
    context: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The start takes 0.3 s, and some ten chats are tried."""
    started: list[object] = []
    popen = subprocess.Popen

    def start(*given: Any, **more: Any) -> Any:
        started.append(given)
        return popen(*given, **more)

    monkeypatch.setattr(subprocess, "Popen", start)
    talk = tuple(Turn("user" if k % 2 == 0 else "assistant", f"message {k} " * 3) for k in range(40))
    assert write(asked(mode="chat", history=talk, length=40), context).notes["truncated"] > 0
    assert len(started) == 1


def test_a_question_too_long_for_the_model_says_so(context: RecordingContext) -> None:
    with pytest.raises(StudioError, match="too long for the model") as caught:
        write(asked(mode="chat", prompt="the cat " * 1000), context)
    assert caught.value.trouble == "bad_request"


def test_a_stop_is_obeyed_within_one_token(context: RecordingContext, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    real = context.words

    def words(text: str, index: int = 0) -> None:
        real(text, index)
        counted.append(1)
        context.cancelled = len(counted) >= 3

    monkeypatch.setattr(context, "words", words)
    with pytest.raises(Stopped):
        write(asked(), context)
    assert len(counted) == 3
    assert not context.assets


def test_after_a_stop_the_model_writes_as_before(context: RecordingContext, folder: Path) -> None:
    (expected,) = made(asked(), context)
    stopped = RecordingContext(address=str(folder), models=context.models, cancel_after=2)
    with pytest.raises(Stopped):
        write(asked(), stopped)
    assert made(asked(), context)[0].text == expected.text


def test_without_enough_memory_the_variants_come_one_by_one(
    context: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [text.text for text in made(asked(variants=3), context)]
    context.text.clear()
    real, calls = run.Reader.next, []

    def scarce(self: Any, tokens: torch.Tensor) -> torch.Tensor:
        calls.append(len(tokens))
        if len(tokens) > 1 and len(calls) > 6:
            raise torch.OutOfMemoryError
        return real(self, tokens)

    monkeypatch.setattr(run.Reader, "next", scarce)
    assert [text.text for text in made(asked(variants=3), context)] == expected
    assert {place: f"the cat{words}" for place, words in context.text.items()} == dict(enumerate(expected))
    assert context.freed == 1


def test_without_any_memory_it_says_so(context: RecordingContext, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(self: Any, tokens: torch.Tensor) -> torch.Tensor:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(run.Reader, "next", none)
    with pytest.raises(StudioError, match="memory") as caught:
        write(asked(), context)
    assert caught.value.trouble == "out_of_memory"


def test_a_tokenizer_of_another_model_is_named(context: RecordingContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LanguageModel, "size", 10)
    with pytest.raises(StudioError, match="another model") as caught:
        write(asked(), context)
    assert caught.value.trouble == "model_unusable"


def test_a_model_that_ends_at_once_is_said_and_nothing_is_kept(
    context: RecordingContext, writer: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(writer, monkeypatch, "")
    with pytest.raises(StudioError, match="stopped at once and wrote nothing"):
        write(asked(mode="chat", variants=2), context)
    assert context.assets == []


def test_a_variant_without_a_word_is_not_kept_beside_the_others(
    context: RecordingContext, writer: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    end, (word, *_) = min(writer.ends), writer.tokenizer.encode("dog", add_special_tokens=False)
    script = iter([torch.tensor([end, word]), torch.tensor([end])])
    monkeypatch.setattr(run, "sample_token", lambda logits, sampling, uniform: next(script))
    (text,) = made(asked(variants=2), context)
    assert (text.text, text.notes["index"]) == ("the catdog", 1)
