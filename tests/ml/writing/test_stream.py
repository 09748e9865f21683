"""Characters come whole, and stop strings never show."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from studio.ml.writing.stream import StopStrings, TextDecoder
from tests.tiny_writer import train_tokenizer

TOKENIZER = train_tokenizer()


def stream(tokens: list[int], before: list[int] = ()) -> list[str]:  # type: ignore[assignment]
    characters = TextDecoder(TOKENIZER, before)
    return [*(characters.push(token) for token in tokens), characters.flush()]


@pytest.mark.parametrize("text", ["你好，世界", "こんにちは", "🙂🎨👩‍👩‍👧", "naïve café", "the cat 猫 🐈 and the dog"])
def test_no_character_is_broken(text: str) -> None:
    tokens = TOKENIZER.encode(text, add_special_tokens=False)
    parts = stream(tokens)
    assert not any("\ufffd" in part for part in parts)
    assert "".join(parts) == text
    assert parts[-1] == ""


def test_a_character_shows_with_its_last_token_and_not_before() -> None:
    tokens = TOKENIZER.encode("猫🐈", add_special_tokens=False)
    assert len(tokens) == 7
    assert stream(tokens) == ["", "", "猫", "", "", "", "🐈", ""]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_all_parts_are_the_text(text: str) -> None:
    tokens = TOKENIZER.encode(text, add_special_tokens=False, split_special_tokens=True)
    assert "".join(stream(tokens)) == text


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(min_value=0, max_value=len(TOKENIZER) - 1), max_size=40))
def test_all_parts_are_what_the_tokenizer_makes_of_any_tokens(tokens: list[int]) -> None:
    whole = TOKENIZER.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    assert "".join(stream(tokens)) == whole


def test_a_character_cut_off_by_the_end_is_not_lost_in_silence() -> None:
    tokens = TOKENIZER.encode("a猫", add_special_tokens=False)[:-1]
    assert stream(tokens) == ["a", "", "", "\ufffd"]


def test_garbage_is_not_held_back_for_ever() -> None:
    byte = TOKENIZER.encode("猫", add_special_tokens=False)[1]
    parts = stream([byte] * 40)
    assert "".join(parts[:20])
    assert "".join(parts) == TOKENIZER.decode([byte] * 40)


def test_tokens_that_end_one_character_and_begin_the_next() -> None:
    letters = pre_tokenizers.ByteLevel.alphabet()
    mapped = [pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str("中")[0][0][i] for i in range(3)]
    vocabulary = {letter: place for place, letter in enumerate(sorted(letters))}
    vocabulary[mapped[2] + mapped[0]] = len(vocabulary)
    raw = Tokenizer(models.BPE(vocabulary, [(mapped[2], mapped[0])]))
    raw.pre_tokenizer, raw.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw)
    tokens = tokenizer.encode("中" * 20)
    characters = TextDecoder(tokenizer)
    parts = [characters.push(token) for token in tokens]
    assert "".join(parts) == "中" * 20
    assert all(part in ("", "中") for part in parts)


def sentencepiece() -> PreTrainedTokenizerFast:
    """Like the tokenizers of Llama 2: words that begin with a mark, single bytes for what is in no word."""
    vocabulary = {"<unk>": 0, "▁the": 1, "▁cat": 2, "▁": 3}
    vocabulary |= {f"<0x{byte:02X}>": 4 + byte for byte in range(256)}
    raw = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    raw.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    raw.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return PreTrainedTokenizerFast(tokenizer_object=raw)


def test_words_after_a_prompt_keep_their_space() -> None:
    characters = TextDecoder(sentencepiece(), [1])
    assert [characters.push(2), characters.push(1), characters.flush()] == [" cat", " the", ""]


def test_characters_in_single_bytes_come_whole() -> None:
    tokens = [4 + byte for byte in "猫🐈好".encode()]
    characters = TextDecoder(sentencepiece(), [1])
    parts = [characters.push(token) for token in tokens]
    assert [part for part in parts if part] == ["猫", "🐈", "好"]


def test_a_stop_string_across_parts_is_not_shown() -> None:
    stops = StopStrings(["\n\nEND"])
    assert [stops.push(part) for part in ("one", "\n", "\nE", "N", "D and more", "x")] == ["one", "", "", "", "", ""]
    assert stops.met
    assert stops.flush() == ""


def test_what_only_looked_like_a_stop_string_is_shown() -> None:
    stops = StopStrings(["stop!"])
    assert [stops.push(part) for part in ("s", "to", "ve st", "op")] == ["", "", "stove ", ""]
    assert stops.flush() == "stop"
    assert not stops.met


def test_the_first_of_several_stop_strings_counts() -> None:
    stops = StopStrings(["zz", "b", ""])
    assert stops.push("aabzz") == "aa"
    assert stops.met


def test_a_text_that_ended_at_a_stop_string_goes_on_to_the_next_one() -> None:
    stops = StopStrings(["\n\n", "."], after_words=True)
    assert [stops.push(part) for part in ("\n", "\n", " ", "and", " on", "\n", "\nmore")] == [
        "", "\n\n", " ", "and", " on", "", "",
    ]  # fmt: skip
    assert stops.met
    sentences = StopStrings(["."], after_words=True)
    assert sentences.push(". And on. Then") == ". And on"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text(alphabet="ab", max_size=3), max_size=8), st.lists(st.text(alphabet="ab", min_size=1, max_size=4))
)
def test_stop_strings_cut_at_the_same_place_however_the_text_comes(parts: list[str], stops: list[str]) -> None:
    filter_ = StopStrings(stops)
    shown = "".join(filter_.push(part) for part in parts) + filter_.flush()
    whole = "".join(parts)
    # Of strings that end at the same place the longest begins first; one that is complete earlier counts before.
    ends = [whole.find(stop) + len(stop) for stop in stops if stop in whole]
    assert filter_.met == bool(ends)
    assert whole.startswith(shown)
    assert not any(stop in shown for stop in stops)
    if not ends:
        assert shown == whole
