"""Model folders that mean harm: a sound one with one thing changed."""

import json
import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tests.models.folders import write_safetensors

Harm = Callable[[Path], None]


def edit(file: str, **changes: Any) -> Harm:
    """Change settings in a JSON file."""

    def harm(folder: Path) -> None:
        path = folder / file
        settings = json.loads(path.read_text("utf-8")) if path.exists() else {}
        path.write_text(json.dumps({**settings, **changes}), encoding="utf-8")

    return harm


def put(file: str, data: bytes) -> Harm:
    def harm(folder: Path) -> None:
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_bytes(data)

    return harm


def link(file: str, target: str) -> Harm:
    def harm(folder: Path) -> None:
        (folder / file).unlink(missing_ok=True)
        (folder / file).symlink_to(target)

    return harm


DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
HUGE = b'{"a":"' + b"x" * 30_000_000 + b'"}'


def header(path: Path, tensors: dict[str, Any], body: int = 16) -> Path:
    return write_safetensors(path, tensors, body)


def raw_header(path: Path, length: int, text: bytes, body: int = 0) -> Path:
    path.write_bytes(struct.pack("<Q", length) + text + bytes(body))
    return path


@cache
def _many() -> bytes:
    """A header of a million tensors, in as few bytes as there can be."""
    rest = b'":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}'
    return b'{"' + b',"'.join(b"%d%b" % (number, rest) for number in range(1_000_000)) + b"}"


def _one(**changes: Any) -> dict[str, Any]:
    return {"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16], **changes}}


SAFETENSORS: dict[str, Callable[[Path], Path]] = {
    "a length beyond the file": lambda path: raw_header(path, 10_000, b"{}"),
    "a header of a gigabyte": lambda path: raw_header(path, 2**30, b"{}"),
    "a header of 2^64 bytes": lambda path: raw_header(path, 2**64 - 1, b"{}"),
    "an empty file": lambda path: put(path.name, b"")(path.parent) or path,
    "overlapping tensors": lambda path: header(
        path, {**_one(), "b": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}
    ),
    "a gap": lambda path: header(path, _one(data_offsets=[4, 20]), 20),
    "a tensor beyond the end": lambda path: header(path, _one(data_offsets=[0, 2**40], shape=[2**38])),
    "a shape of 2^64 numbers": lambda path: header(path, _one(shape=[2**32, 2**32])),
    "a shape of 2^128 numbers and none": lambda path: header(path, _one(shape=[2**64, 2**64, 0])),
    "a shape of many dimensions": lambda path: header(path, _one(shape=[1] * 1_000_000)),
    "negative offsets": lambda path: header(path, _one(data_offsets=[-16, 0])),
    "backward offsets": lambda path: header(path, _one(data_offsets=[16, 0])),
    "a negative shape": lambda path: header(path, _one(shape=[-2, -2])),
    "half a number": lambda path: header(path, _one(shape=[1.5])),
    "an unknown type": lambda path: header(path, _one(dtype="PY_OBJECT")),
    "a type that is a list": lambda path: header(path, _one(dtype=["F32"])),
    "a tensor that is a number": lambda path: header(path, {"a": 1}),
    "a deep header": lambda path: raw_header(path, len(DEEP), DEEP),
    "a header that is no text": lambda path: raw_header(path, 4, b"\xff\xfe\xfd\xfc"),
    "a header of a million tensors": lambda path: raw_header(path, len(_many()), _many()),
}

WRITER_SETTINGS = ("architectures", "model_type", "eos_token_id", "hidden_size", "rope_scaling", "rope_parameters",
                   "layer_types", "tie_word_embeddings", "pad_token_id", "initializer_range")  # fmt: skip
PICTURE_SETTINGS = ("sample_size", "in_channels", "attention_head_dim", "cross_attention_dim", "down_block_types")
WRONG: list[Any] = [None, [], {}, -1, 10**30, 1e308, "x" * 1000, True, [[]] * 100]


def writer_harms(canary: Path) -> dict[str, Harm]:
    code = f"open({str(canary)!r}, 'w').close()\n".encode()

    def own_code(folder: Path) -> None:
        put("evil.py", code + b"class A: pass\n")(folder)
        edit("config.json", auto_map=dict.fromkeys(("AutoConfig", "AutoModel", "AutoModelForCausalLM"), "evil.A"),
             trust_remote_code=True)(folder)  # fmt: skip
        edit("tokenizer_config.json", auto_map={"AutoTokenizer": ["evil.A", "evil.A"]}, trust_remote_code=True)(folder)

    def unknown(folder: Path) -> None:
        own_code(folder)
        edit("config.json", model_type="evil", architectures=["A"])(folder)

    def another_base(folder: Path) -> None:
        put("evil.py", code)(folder)
        edit("adapter_config.json", peft_type="LORA", base_model_name_or_path=str(folder / "base"), r=1)(folder)
        edit("adapter_config.json", megatron_config={"a": 1}, megatron_core="evil")(folder)
        edit("adapter_config.json", auto_mapping={"parent_library": "evil"})(folder)

    harms: dict[str, Harm] = {
        "a program of its own": own_code,
        "a program of its own for an unknown kind": unknown,
        "an adapter": another_base,
        "kernels from elsewhere": edit("config.json", _attn_implementation="evil/kernels:run"),
        "kernels from elsewhere, said otherwise": edit("config.json", attn_implementation="evil/kernels"),
        "weights of another place": edit("config.json", transformers_weights="../../x.safetensors"),
        "no kind": edit("config.json", model_type=None),
        "a list of kinds": edit("config.json", model_type=["llama"]),
        "a billion layers": edit("config.json", num_hidden_layers=10**9),
        "a hundred thousand layers": edit("config.json", num_hidden_layers=100_000),
        "a billion labels": edit("config.json", num_labels=10**9),
        "a billion words": edit("config.json", vocab_size=10**9),
        "layers of a billion numbers": edit("config.json", hidden_size=2**15, intermediate_size=2**15),
        "layers of no numbers": edit("config.json", hidden_size=0, num_attention_heads=0),
        "a billion heads": edit("config.json", num_attention_heads=10**9),
        "a billion positions": edit("config.json", max_position_embeddings=10**12),
        "more heads for keys": edit("config.json", num_key_value_heads=3),
        "another activation": edit("config.json", hidden_act="os.system"),
        "another format": edit("config.json", dtype="os"),
        "another format of another type": edit("config.json", torch_dtype={"a": 1}),
        "quantized by nobody": edit("config.json", quantization_config={"quant_method": "evil"}),
        "quantized by a list": edit("config.json", quantization_config=[1]),
        "deep settings": put("config.json", DEEP),
        "settings of 30 MB": put("config.json", HUGE),
        "settings without an end": link("config.json", "/dev/zero"),
        "deep settings of the text": put("generation_config.json", DEEP),
        "settings of the text without an end": link("generation_config.json", "/dev/zero"),
        "a billion extra words": edit("tokenizer_config.json", tokenizer_class="T5Tokenizer", extra_ids=10**9),
        "an offset of a billion": edit("tokenizer_config.json", tokenizer_class="PegasusTokenizer", offset=10**9),
        "a tokenizer of no class": edit("tokenizer_config.json", tokenizer_class="os.system"),
        "a tokenizer of a list": edit("tokenizer_config.json", tokenizer_class=["os"]),
        "a tokenizer of other files": edit(
            "tokenizer_config.json", tokenizer_file="/etc/passwd", vocab_file="/etc/passwd", name_or_path="/etc"
        ),
        "a deep tokenizer": put("tokenizer.json", DEEP),
        "a tokenizer of nothing": put("tokenizer.json", b"{}"),
        "a tokenizer without an end": link("tokenizer.json", "/dev/zero"),
        "a template of a number": edit("tokenizer_config.json", chat_template=5),
        "templates without names": edit("tokenizer_config.json", chat_template=[{"a": 1}]),
        "weights that climb out": edit("model.safetensors.index.json", weight_map={"a": "../../../etc/passwd"}),
        "weights of no list": edit("model.safetensors.index.json", weight_map=[1, 2]),
        "weights without an end": link("model.safetensors", "/dev/zero"),
        "weights that are a folder": link("model.safetensors", "/"),
        "GGUF with absurd counts": put("model.safetensors", b"GGUF" + struct.pack("<IQQ", 3, 2**63, 2**63)),
    }  # fmt: skip
    return harms


def picture_harms(canary: Path) -> dict[str, Harm]:
    code = f"open({str(canary)!r}, 'w').close()\n".encode()

    def beside(folder: Path) -> None:
        put("unet/evil.py", code + b"class A: pass\n")(folder)
        put("pipeline.py", code)(folder)
        edit("model_index.json", unet=["evil", "A"])(folder)

    def of_its_own(folder: Path) -> None:
        put("pipeline.py", code)(folder)
        edit("model_index.json", _class_name=["pipeline", "A"])(folder)

    harms: dict[str, Harm] = {
        "a part in a file beside it": beside,
        "a pipeline in a file beside it": of_its_own,
        "deep index": put("model_index.json", DEEP),
        "an index of 30 MB": put("model_index.json", HUGE),
        "an index without an end": link("model_index.json", "/dev/zero"),
        "an autoencoder's settings without an end": link("vae/config.json", "/dev/zero"),
        "a scheduler's settings without an end": link("scheduler/scheduler_config.json", "/dev/zero"),
        "deep settings": put("unet/config.json", DEEP),
        "a part that climbs out": edit("model_index.json", **{"../unet": ["diffusers", "UNet2DConditionModel"]}),
        "a billion steps": edit("scheduler/scheduler_config.json", num_train_timesteps=10**9),
        "an order of a billion": edit("scheduler/scheduler_config.json", solver_order=10**9),
        "a billion layers": edit("unet/config.json", layers_per_block=10**9),
        "many layers": edit("unet/config.json", layers_per_block=90_000),
        "blocks of 2^20 channels": edit("unet/config.json", block_out_channels=[2**20, 2**20]),
        "a class of blocks": edit("unet/config.json", down_block_types=["os.system", "os.system"]),
        "a text encoder of a billion layers": edit("text_encoder/config.json", num_hidden_layers=10**9),
        "a text encoder of a billion words": edit("text_encoder/config.json", vocab_size=10**9),
        "an adapter of the text encoder": edit("text_encoder/adapter_config.json", base_model_name_or_path="/etc"),
        "a tokenizer of a list": edit("tokenizer/tokenizer_config.json", tokenizer_class=["os"]),
        "weights that climb out": edit("unet/diffusion_pytorch_model.safetensors.index.json",
                                       weight_map={"a": "../../../etc/passwd"}),
        "weights without an end": link("unet/diffusion_pytorch_model.safetensors", "/dev/zero"),
    }  # fmt: skip
    for place, part in enumerate((
        ["os", "system"], ["builtins", "exec"], ["builtins", "open"], ["subprocess", "Popen"], ["torch", "load"],
        ["..", "A"], ["diffusers", "os"], ["diffusers", "utils.logging"], ["transformers", "pipeline"],
        ["diffusers", "UNet2DConditionModel.from_pretrained"], ["diffusers", "__builtins__"], ["diffusers", None],
        ["transformers", ["A"]], [[], "A"], [{}, "A"], [1, 2, 3], [], ["__builtins__", "exec"], ["_sys", "exit"],
        ["diffusers.pipelines", "A"], ["pipeline_utils", "os"], ["importlib", "import_module"], "text", 7,
    )):  # fmt: skip
        harms[f"a part of another package {place}"] = edit("model_index.json", unet=part)
    for place, name in enumerate((
        "os", "utils", "__builtins__", "DiffusionPipeline", "StableDiffusionPipeline.x", 5, [], {}, ["os", "system"],
    )):  # fmt: skip
        harms[f"a pipeline of another kind {place}"] = edit("model_index.json", _class_name=name)
    return harms


GENERATORS: dict[str, Any] = {
    "z": {"z_dim": 10**12}, "w": {"w_dim": 10**12}, "layers": {"mapping_layers": 10**9},
    "many channels": {"channels": [10**9] * 3}, "many resolutions": {"channels": [4] * 1000},
    "no resolutions": {"channels": []}, "no channels": {"channels": [0, 0, 0]}, "minus": {"z_dim": -1},
    "classes": {"c_dim": 10**12}, "colours": {"img_channels": 10**12}, "text": {"resolution": "16"},
    "a large number": {"mapping_rate": 10**400}, "large but allowed": {"w_dim": 16384, "mapping_layers": 64},
}  # fmt: skip
