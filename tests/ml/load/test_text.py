"""Folders of language models: what can be used is loaded, all else says why not."""

import contextlib
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaForCausalLM, PreTrainedConfig

from studio.core.errors import StudioError, Trouble
from studio.ml.load.text import load_language_model
from studio.ml.load.text_config import context_of
from studio.models.catalogue import inspect_model
from tests.configuring import change_config
from tests.tiny_writer import save_writer


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_writer(tmp_path_factory.mktemp("writer") / "模型 with spaces")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in whole.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    return copy


def refused(folder: Path, words: str, trouble: Trouble = "model_unusable") -> None:
    with pytest.raises(StudioError, match=words) as caught:
        load_language_model(str(folder))
    assert caught.value.trouble == trouble
    assert str(folder) in caught.value.message


def change(folder: Path, file: str, **values: Any) -> None:
    path = folder / file
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **values}), encoding="utf-8")


def test_a_folder_is_loaded(whole: Path) -> None:
    writer = load_language_model(str(whole))
    assert isinstance(writer.model, LlamaForCausalLM)
    assert not writer.model.training
    assert writer.ends == {writer.tokenizer.eos_token_id}
    assert writer.context == 256
    assert writer.tokenizer.decode(writer.tokenizer.encode("猫 the cat", add_special_tokens=False)) == "猫 the cat"


def test_all_the_ends_that_the_folder_names_count(folder: Path) -> None:
    change(folder, "generation_config.json", eos_token_id=[1, 7])
    assert load_language_model(str(folder)).ends == {1, 7}


@pytest.mark.parametrize("file", ["generation_config.json", "config.json"])
@pytest.mark.parametrize("named", ["1", "<|end|>", ["1", 7], [1, "<|user|>"], "gone"])
def test_ends_that_are_named_as_text_are_read(folder: Path, file: str, named: Any) -> None:
    change(folder, file, eos_token_id=named)
    ends = load_language_model(str(folder)).ends
    assert 1 in ends
    assert all(isinstance(token, int) for token in ends)
    assert (7 in ends) == (named == ["1", 7])


@pytest.mark.parametrize("name", ["_attn_implementation", "attn_implementation"])
def test_the_attention_of_where_it_was_trained_is_not_needed(folder: Path, name: str) -> None:
    change(folder, "config.json", **{name: "flash_attention_2"})
    assert load_language_model(str(folder)).model.config._attn_implementation in ("sdpa", "eager")


@pytest.mark.parametrize("named", [None, []])
def test_a_folder_without_a_class_goes_by_its_kind(folder: Path, named: Any) -> None:
    change(folder, "config.json", architectures=named)
    assert isinstance(load_language_model(str(folder)).model, LlamaForCausalLM)
    assert inspect_model(folder).usable
    change(folder, "config.json", model_type="bert")
    refused(folder, "not a model that writes text .bert")
    assert not inspect_model(folder).usable


def test_a_missing_output_layer_is_tied(folder: Path) -> None:
    assert not load_language_model(str(folder)).tied
    file = folder / "model.safetensors"
    weights = load_file(file)
    del weights["lm_head.weight"]
    save_file(weights, file, metadata={"format": "pt"})
    writer = load_language_model(str(folder))
    assert writer.tied
    assert writer.model.lm_head.weight is writer.model.model.embed_tokens.weight
    del weights["model.norm.weight"]
    save_file(weights, file, metadata={"format": "pt"})
    refused(folder, "lacks 1 .*norm")


@pytest.mark.parametrize(
    ("name", "size"), [("max_seq_len", 96), ("n_ctx", 96), ("seq_length", 96), ("max_seq_len", 10**30)]
)
def test_the_context_has_many_names(whole: Path, name: str, size: int) -> None:
    config = load_language_model(str(whole)).model.config.to_dict()
    del config["max_position_embeddings"]
    other = PreTrainedConfig(**{**config, name: size})
    assert context_of(other) == (size if size < 10**9 else 0)


def train_sentencepiece(file: Path) -> None:
    with file.open("wb") as writer:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(["the cat sat on the mat", "and the dog sat on the log"]),
            model_writer=writer,
            vocab_size=45,
            model_type="bpe",
            byte_fallback=False,
            minloglevel=2,
        )


@pytest.mark.parametrize(
    ("name", "kind"), [("tokenizer.model", "LlamaTokenizer"), ("tokenizer.model", ""), ("spiece.model", "T5Tokenizer")]
)
def test_a_tokenizer_of_sentencepiece_alone_is_read(folder: Path, name: str, kind: str) -> None:
    for file in ("tokenizer.json", "tokenizer_config.json"):
        (folder / file).unlink()
    train_sentencepiece(folder / name)
    if kind:
        (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": kind}))
    tokenizer = load_language_model(str(folder)).tokenizer
    own = sentencepiece.SentencePieceProcessor(model_file=str(folder / name))
    assert tokenizer.decode(tokenizer.encode("the cat", add_special_tokens=False)) == "the cat"
    if kind != "T5Tokenizer":
        assert tokenizer.encode("the cat sat", add_special_tokens=False) == own.encode("the cat sat")


def test_the_format_of_the_device_is_used(whole: Path) -> None:
    change_config(dtype="bfloat16")
    assert load_language_model(str(whole)).model.dtype == torch.bfloat16


def test_half_weights_stay_half_where_memory_is_short(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change_config(dtype="float32")
    change(folder, "config.json", dtype="bfloat16")
    assert load_language_model(str(folder)).model.dtype == torch.float32
    monkeypatch.setattr("studio.ml.device.memory", lambda device: (1000, 1000))
    assert load_language_model(str(folder)).model.dtype == torch.bfloat16


def test_weights_in_a_pickle_are_read_as_data(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert load_language_model(str(folder)).model.dtype in (torch.float32, torch.bfloat16)


def test_a_program_in_a_pickle_is_not_run(folder: Path, tmp_path: Path) -> None:
    class Bad:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "ran",))

    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Bad()}, protocol=2))
    (folder / "model.safetensors").unlink()
    refused(folder, "more than numbers")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.9])
def test_a_pickle_cut_off(folder: Path, share: float) -> None:
    file = folder / "pytorch_model.bin"
    torch.save(load_file(folder / "model.safetensors"), file)
    (folder / "model.safetensors").unlink()
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * share)])
    refused(folder, "incomplete|can't be loaded")


def test_nothing_there(tmp_path: Path) -> None:
    refused(tmp_path / "none", "no longer there", "model_missing")


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "is empty", "model_missing")


def test_a_file(whole: Path) -> None:
    refused(whole / "model.safetensors", "is a file")


def test_a_folder_of_other_things(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear")
    refused(tmp_path, "no config.json")


@pytest.mark.parametrize("text", ["{", "[]", "\xff\xfe"])
def test_settings_that_are_none(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text, encoding="latin-1")
    refused(folder, "config.json")


def test_a_picture_model(folder: Path) -> None:
    (folder / "model_index.json").write_text("{}")
    refused(folder, "Image room")


def test_an_encoder(folder: Path) -> None:
    change(folder, "config.json", model_type="bert", architectures=["BertForMaskedLM"])
    refused(folder, "not a model that writes text .BertForMaskedLM")


def test_a_body_without_a_head(folder: Path) -> None:
    change(folder, "config.json", architectures=["LlamaModel"])
    refused(folder, "not a model that writes text .LlamaModel")


def test_an_unknown_kind(folder: Path) -> None:
    change(folder, "config.json", model_type="wonder", architectures=["WonderForCausalLM"])
    refused(folder, "unknown type: wonder")


def plant(folder: Path, marker: Path) -> None:
    (folder / "modeling_own.py").write_text(f"import pathlib\npathlib.Path({str(marker)!r}).touch()\n")


def test_program_code_of_its_own_is_refused(folder: Path, tmp_path: Path) -> None:
    plant(folder, tmp_path / "ran")
    change(
        folder,
        "config.json",
        model_type="own",
        architectures=["OwnForCausalLM"],
        auto_map={"AutoConfig": "modeling_own.C", "AutoModelForCausalLM": "modeling_own.OwnForCausalLM"},
    )
    refused(folder, "never runs")
    assert not (tmp_path / "ran").exists()


def test_code_beside_a_model_that_needs_none_is_not_run(folder: Path, tmp_path: Path) -> None:
    plant(folder, tmp_path / "ran")
    change(
        folder,
        "config.json",
        auto_map={"AutoConfig": "modeling_own.C", "AutoModelForCausalLM": "modeling_own.LlamaForCausalLM"},
    )
    assert type(load_language_model(str(folder)).model) is LlamaForCausalLM
    assert not (tmp_path / "ran").exists()


def test_code_of_a_tokenizer_is_not_run(folder: Path, tmp_path: Path) -> None:
    plant(folder, tmp_path / "ran")
    change(
        folder,
        "tokenizer_config.json",
        tokenizer_class="OwnTokenizer",
        auto_map={"AutoTokenizer": ["modeling_own.OwnTokenizer", None]},
    )
    with contextlib.suppress(StudioError):
        load_language_model(str(folder))
    assert not (tmp_path / "ran").exists()


def test_weights_cut_off(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])
    refused(folder, "incomplete")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "incomplete"), (b"\x00" * 4, "incomplete"), (b"<html>gone</html>", "not a safetensors file")],
)
def test_weights_that_are_none(folder: Path, content: bytes, words: str) -> None:
    (folder / "model.safetensors").write_bytes(content)
    refused(folder, words)


def test_no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    refused(folder, "no weights")


def test_some_weights_missing(folder: Path) -> None:
    file = folder / "model.safetensors"
    weights = load_file(file)
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, file, metadata={"format": "pt"})
    refused(folder, "lacks 1 .*up_proj")


def test_a_shard_missing(folder: Path) -> None:
    model = LlamaForCausalLM.from_pretrained(str(folder))
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="30KB")
    shards = sorted(folder.glob("*.safetensors"))
    assert len(shards) > 1
    assert load_language_model(str(folder)).context == 256
    shards[-1].unlink()
    refused(folder, "can't be loaded|lacks")


def test_weights_of_another_shape(folder: Path) -> None:
    change(folder, "config.json", intermediate_size=128)
    refused(folder, "don't have the sizes")


def test_no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    refused(folder, "no tokenizer")


def test_a_damaged_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text('{"version": "1.0"', encoding="utf-8")
    refused(folder, "tokenizer.json can't be read")


@pytest.mark.parametrize("kind", ["GPT2Tokenizer", "LlamaTokenizer"])
def test_a_vocabulary_that_lies_elsewhere_is_not_read(folder: Path, kind: str) -> None:
    words = folder.parent / "words.json"
    words.write_text(json.dumps({"strange": 0, "<unk>": 1}), encoding="utf-8")
    (folder.parent / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    named = {"vocab": str(words), "merges": str(folder.parent / "merges.txt"), "vocab_file": str(words)}
    (folder / "tokenizer.json").rename(folder / "vocab.json")
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": kind, **named}), encoding="utf-8")
    with contextlib.suppress(StudioError):
        assert "strange" not in load_language_model(str(folder)).tokenizer.get_vocab()


@pytest.mark.parametrize("named", ["flash_attention_2", "flash_attention_3", "mine", {"": "flash_attention_2"}])
@pytest.mark.parametrize("key", ["_attn_implementation", "attn_implementation", "_attn_implementation_internal"])
def test_the_attention_that_a_trainer_saved_is_the_machines_own(folder: Path, key: str, named: object) -> None:
    change(folder, "config.json", **{key: named})
    assert load_language_model(str(folder)).model.config._attn_implementation == "sdpa"
