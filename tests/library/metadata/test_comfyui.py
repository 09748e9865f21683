"""ComfyUI's graphs: the sampler that made the picture, and what flows into it, whatever else the graph holds."""

import io
import json
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from studio.library.metadata.making import read_making
from studio.library.metadata.tools import comfyui
from studio.library.metadata.tools.generation import Generation
from tests.library import things

Nodes = dict[str, dict[str, Any]]


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def read(nodes: Nodes) -> Generation:
    found = comfyui.of_graphs(json.loads(json.dumps(nodes)), {})
    assert found is not None
    return found


SIMPLE: Nodes = {
    "3": node("KSampler", seed=648312782957426, steps=32, cfg=6.5, sampler_name="dpmpp_2m", scheduler="karras",
              denoise=1.0, model=["4", 0], positive=["6", 0], negative=["7", 0], latent_image=["5", 0]),
    "4": node("CheckpointLoaderSimple", ckpt_name="sub\\some_model.safetensors"),
    "5": node("EmptyLatentImage", width=512, height=768, batch_size=1),
    "6": node("CLIPTextEncode", text="a red kite", clip=["4", 1]),
    "7": node("CLIPTextEncode", text="blurry", clip=["4", 1]),
    "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
    "9": node("SaveImage", filename_prefix="x", images=["8", 0]),
}  # fmt: skip


def check_simple(found: Generation) -> None:
    assert (found.tool, found.readable, found.prompt, found.negative) == ("ComfyUI", True, "a red kite", "blurry")
    assert (found.seed, found.steps, found.guidance) == (648312782957426, 32, 6.5)
    assert (found.sampler, found.schedule, found.model) == ("dpmpp_2m", "karras", "some_model")
    assert (found.width, found.height, found.strength, found.start) == (512, 768, None, "")


def test_one_sampler() -> None:
    found = read(SIMPLE)
    check_simple(found)
    assert found.others == ()


def test_the_sampler_that_made_the_picture_is_not_the_first_that_looks_like_one() -> None:
    """A preview of another pass, and a sampler that leads nowhere, stand before it."""
    other = {**SIMPLE["3"]["inputs"], "seed": 1, "positive": ["16", 0]}
    nodes = {
        "0": node("KSampler", **{**other, "seed": 2}),
        "1": node("KSampler", **other),
        "16": node("CLIPTextEncode", text="something else", clip=["4", 1]),
        "18": node("VAEDecode", samples=["1", 0], vae=["4", 2]),
        "19": node("PreviewImage", images=["18", 0]),
        **SIMPLE,
    }
    check_simple(read(nodes))


def test_custom_samplers_with_primitives_and_reroutes() -> None:
    found = read({
        "1": node("UNETLoader", unet_name="flux1-dev.sft", weight_dtype="default"),
        "2": node("LoraLoaderModelOnly", lora_name="styles/ink.safetensors", strength_model=0.8, model=["1", 0]),
        "3": node("CLIPTextEncode", text=["4", 0], clip=["20", 0]),
        "4": node("StringConcatenate", string_a="a red kite", string_b=["5", 0], delimiter=", "),
        "5": node("PrimitiveStringMultiline", value="over dunes"),
        "6": node("FluxGuidance", guidance=3.5, conditioning=["3", 0]),
        "7": node("Reroute", **{"": ["6", 0]}),
        "8": node("BasicGuider", model=["2", 0], conditioning=["7", 0]),
        "9": node("RandomNoise", noise_seed=["10", 0]),
        "10": node("PrimitiveInt", value=2**64 - 1, control_after_generate="fixed"),
        "11": node("KSamplerSelect", sampler_name="euler"),
        "12": node("BasicScheduler", scheduler="simple", steps=["13", 0], denoise=1.0, model=["2", 0]),
        "13": node("INTConstant", value=28),
        "14": node("EmptySD3LatentImage", width=1024, height=1536, batch_size=1),
        "15": node("SplitSigmas", step=0, sigmas=["12", 0]),
        "16": node("SamplerCustomAdvanced", noise=["9", 0], guider=["8", 0], sampler=["11", 0], sigmas=["15", 1],
                   latent_image=["14", 0]),
        "17": node("VAEDecode", samples=["16", 0], vae=["18", 0]),
        "18": node("VAELoader", vae_name="ae.safetensors"),
        "19": node("Image Save", images=["17", 0]),
        "20": node("DualCLIPLoader", clip_name1="t5xxl.safetensors", clip_name2="clip_l.safetensors"),
    })  # fmt: skip
    assert (found.prompt, found.negative) == ("a red kite, over dunes", "")
    assert (found.seed, found.steps, found.guidance) == (2**64 - 1, 28, 3.5)
    assert (found.sampler, found.schedule, found.model) == ("euler", "simple", "flux1-dev")
    assert (found.width, found.height) == (1024, 1536)
    assert found.others == (("LoRA", "ink (0.8)"), ("VAE", "ae"))


def test_a_guider_with_a_negative_prompt() -> None:
    nodes = {
        **{key: SIMPLE[key] for key in ("4", "5", "6", "7")},
        "1": node("CFGGuider", model=["4", 0], positive=["6", 0], negative=["7", 0], cfg=5.5),
        "2": node("SamplerCustomAdvanced", noise=["3", 0], guider=["1", 0], sampler=["8", 0], sigmas=["9", 0],
                  latent_image=["5", 0]),
        "3": node("RandomNoise", noise_seed=77),
        "8": node("KSamplerSelect", sampler_name="dpmpp_2m"),
        "9": node("KarrasScheduler", steps=20, sigma_max=14.6, sigma_min=0.03, rho=7),
        "10": node("VAEDecode", samples=["2", 1], vae=["4", 2]),
        "11": node("SaveImage", images=["10", 0]),
    }  # fmt: skip
    found = read(nodes)
    assert (found.prompt, found.negative, found.guidance) == ("a red kite", "blurry", 5.5)
    assert (found.seed, found.steps, found.sampler) == (77, 20, "dpmpp_2m")


def test_a_second_pass_and_all_that_lies_between() -> None:
    """The base gives prompt, seed and size; what comes behind it is named."""
    nodes = {
        **SIMPLE,
        "8": node("LatentUpscaleBy", samples=["3", 0], scale_by=1.5, upscale_method="nearest"),
        "10": node("KSampler", **{**SIMPLE["3"]["inputs"], "seed": 3, "steps": 12, "denoise": 0.5,
                                  "latent_image": ["8", 0]}),
        "11": node("VAEDecode", samples=["10", 0], vae=["4", 2]),
        "12": node("ImageUpscaleWithModel", image=["11", 0], upscale_model=["13", 0]),
        "13": node("UpscaleModelLoader", model_name="4x-UltraSharp.pth"),
        "9": node("SaveImage", filename_prefix="x", images=["12", 0]),
    }  # fmt: skip
    found = read(nodes)
    check_simple(found)
    assert found.others == (("Upscaler", "4x-UltraSharp"), ("Second pass", "KSampler · 12 · 0.5"))


def test_a_refiner_takes_over_at_a_step() -> None:
    shared = {"cfg": 8, "sampler_name": "euler", "scheduler": "normal", "steps": 25, "model": ["4", 0],
              "positive": ["6", 0], "negative": ["7", 0]}  # fmt: skip
    nodes = {
        **{key: SIMPLE[key] for key in ("4", "5", "6", "7", "8", "9")},
        "1": node("KSamplerAdvanced", add_noise="enable", noise_seed=9, start_at_step=0, end_at_step=20,
                  latent_image=["5", 0], **shared),
        "3": node("KSamplerAdvanced", add_noise="disable", noise_seed=0, start_at_step=20, end_at_step=10000,
                  latent_image=["1", 0], **shared),
    }  # fmt: skip
    found = read(nodes)
    assert (found.seed, found.steps, found.prompt) == (9, 25, "a red kite")
    assert found.others == (("Second pass", "KSamplerAdvanced · 25 · 0.2"),)


def test_a_picture_that_began_with_another() -> None:
    sampler = {**SIMPLE["3"]["inputs"], "denoise": 0.45, "latent_image": ["20", 0]}
    nodes = {
        **SIMPLE,
        "3": node("KSampler", **sampler),
        "20": node("VAEEncode", pixels=["21", 0], vae=["4", 2]),
        "21": node("LoadImage", image="photo of me.png"),
    }
    found = read(nodes)
    assert (found.strength, found.start, found.width) == (0.45, "photo of me.png", None)


def test_conditions_through_other_nodes() -> None:
    sampler = {**SIMPLE["3"]["inputs"], "positive": ["20", 0], "negative": ["20", 1]}
    nodes = {
        **SIMPLE,
        "3": node("KSampler", **sampler),
        "20": node("ControlNetApplyAdvanced", positive=["22", 0], negative=["7", 0], control_net=["21", 0],
                   image=["24", 0], strength=0.9),
        "21": node("ControlNetLoader", control_net_name="canny.safetensors"),
        "22": node("ConditioningCombine", conditioning_1=["6", 0], conditioning_2=["23", 0]),
        "23": node("CLIPTextEncodeSDXL", text_g="golden light", text_l="golden light", width=1024, clip=["25", 0]),
        "24": node("LoadImage", image="edges.png"),
        "25": node("CLIPSetLastLayer", stop_at_clip_layer=-2, clip=["4", 1]),
    }  # fmt: skip
    found = read(nodes)
    assert (found.prompt, found.negative) == ("a red kite, golden light", "blurry")
    assert found.others == (("ControlNet", "canny (0.9)"), ("Clip skip", "2"))
    assert found.start == ""


def test_packs_of_nodes_that_hand_on_everything_at_once() -> None:
    found = read({
        "1": node("easy fullLoader", ckpt_name="m.safetensors", positive="a red kite", negative="blurry",
                  empty_latent_width=512, empty_latent_height=768, lora_name="None"),
        "2": node("easy preSampling", seed=7, steps=20, cfg=5.5, sampler_name="euler", scheduler="normal", denoise=1,
                  pipe=["1", 0]),
        "3": node("easy kSampler", pipe=["2", 0], image_output="Hide"),
        "4": node("SaveImage", images=["3", 1]),
    })  # fmt: skip
    assert (found.prompt, found.negative, found.seed, found.steps) == ("a red kite", "blurry", 7, 20)
    assert (found.model, found.width, found.height, found.others) == ("m", 512, 768, ())
    context = {"context": node("Context Big (rgthree)", positive=["6", 0], negative=["7", 0], model=["4", 0])}
    sampler = {
        key: value for key, value in SIMPLE["3"]["inputs"].items() if key not in ("positive", "negative", "model")
    }
    found = read({**SIMPLE, **context, "3": node("KSampler", **sampler, context=["context", 0])})
    check_simple(found)


def test_a_loader_that_encodes_both() -> None:
    loader = node("Efficient Loader", ckpt_name="m.safetensors", positive="a red kite", negative="blurry", clip_skip=-1,
                  empty_latent_width=512, empty_latent_height=768, lora_name="ink.safetensors")  # fmt: skip
    sampler = node("KSampler (Efficient)", seed=7, steps=20, cfg=5.5, sampler_name="euler", scheduler="normal",
                   denoise=1, model=["1", 0], positive=["1", 1], negative=["1", 2], latent_image=["1", 3])  # fmt: skip
    found = read({"1": loader, "2": sampler, "3": node("SaveImage", images=["2", 5])})
    assert (found.prompt, found.negative, found.model) == ("a red kite", "blurry", "m")
    assert (found.width, found.height, found.others) == (512, 768, (("LoRA", "ink"),))


def test_of_several_pictures_the_one_that_the_file_is_called_after() -> None:
    other = {**SIMPLE["3"]["inputs"], "seed": 5, "latent_image": ["5", 0]}
    nodes = {
        **SIMPLE,
        "13": node("KSampler", **other),
        "18": node("VAEDecode", samples=["13", 0], vae=["4", 2]),
        "19": node("SaveImage", filename_prefix="%date%/sketch", images=["18", 0]),
    }
    found = [comfyui.of_graphs(nodes, {}, stem) for stem in ("sketch_00001_", "x_00001_")]
    assert [each.seed for each in found if each is not None] == [5, 648312782957426]


def test_the_editors_form_where_it_is_the_only_one() -> None:
    def place(name: str, link: int | None, widget: bool = False) -> dict[str, Any]:
        return {"name": name, "link": link, **({"widget": {"name": name}} if widget else {})}

    workflow = {
        "nodes": [
            {"id": 3, "type": "KSampler", "mode": 0,
             "inputs": [place("model", 1), place("positive", 2), place("negative", 3), place("latent_image", 4)],
             "widgets_values": [648312782957426, "randomize", 32, 6.5, "dpmpp_2m", "karras", 1]},
            {"id": 4, "type": "CheckpointLoaderSimple", "widgets_values": ["some_model.safetensors"]},
            {"id": 5, "type": "EmptyLatentImage", "widgets_values": [512, 768, 1]},
            {"id": 6, "type": "CLIPTextEncode", "inputs": [place("clip", 5)], "widgets_values": ["a red kite"]},
            {"id": 7, "type": "CLIPTextEncode", "inputs": [place("clip", 6)], "widgets_values": ["blurry"]},
            {"id": 8, "type": "VAEDecode", "inputs": [place("samples", 7), place("vae", 8)]},
            {"id": 9, "type": "SaveImage", "inputs": [place("images", 9)], "widgets_values": ["x"]},
        ],
        "links": [
            [1, 4, 0, 3, 0, "MODEL"], [2, 6, 0, 3, 1, "CONDITIONING"], [3, 7, 0, 3, 2, "CONDITIONING"],
            [4, 5, 0, 3, 3, "LATENT"], [5, 4, 1, 6, 0, "CLIP"], [6, 4, 1, 7, 0, "CLIP"], [7, 3, 0, 8, 0, "LATENT"],
            [8, 4, 2, 8, 1, "VAE"], [9, 8, 0, 9, 0, "IMAGE"],
        ],
        "version": 0.4,
    }  # fmt: skip
    found = comfyui.of_graphs({}, workflow)
    assert found is not None
    check_simple(found)


@pytest.mark.parametrize("ending", ["webp", "jpg"])
def test_in_exif_where_the_camera_belongs(tmp_path: Path, ending: str) -> None:
    exif = Image.Exif()
    exif[0x0110], exif[0x010F] = f"prompt:{json.dumps(SIMPLE)}", 'workflow:{"nodes": [], "links": []}'
    Image.new("RGB", (8, 8)).save(tmp_path / f"a.{ending}", exif=exif)
    making = read_making(tmp_path / f"a.{ending}")
    assert making is not None
    assert making.generation is not None
    check_simple(making.generation)


@pytest.mark.parametrize("form", ["mp4", "webm"])
@pytest.mark.parametrize("together", [False, True])
def test_in_a_film(tmp_path: Path, form: str, together: bool) -> None:
    path = tmp_path / f"a.{form}"
    clip = getattr(things, form)()
    tags = {"comment": json.dumps({"prompt": json.dumps(SIMPLE)})} if together else {"prompt": json.dumps(SIMPLE)}
    options = {"movflags": "use_metadata_tags"} if form == "mp4" else {}
    with av.open(io.BytesIO(clip.data)) as film, av.open(str(path), "w", format=form, options=options) as copy:
        copy.metadata.update(tags)
        stream = copy.add_stream_from_template(film.streams.video[0])
        for packet in film.demux(film.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                copy.mux(packet)
    making = read_making(path)
    assert making is not None
    assert making.generation is not None
    check_simple(making.generation)


# -- graphs that nobody drew -------------------------------------------------------------------------------------------


def ring(kind: str, title: str) -> Nodes:
    """Nodes that feed each other for ever, on the way to a sampler's ``title``."""
    links = {str(100 + n): node(kind, **{title: [str(100 + (n + 1) % 5), 0]}) for n in range(5)}
    return {**SIMPLE, **links, "3": node("KSampler", **{**SIMPLE["3"]["inputs"], title: ["100", 0]})}


LOOPS = {
    "in the latent": ring("LatentBlend", "latent_image"),
    "in the words": ring("ConditioningCombine", "positive"),
    "in the model": ring("LoraLoader", "model"),
    "in a number": ring("Math", "steps"),
    "in reroutes": ring("Reroute", "seed"),
    "behind the picture": {**SIMPLE, "8": node("ImageScale", image=["8", 0], samples=["3", 0])},
}


@pytest.mark.parametrize("name", LOOPS)
def test_loops_end(name: str) -> None:
    assert comfyui.of_graphs(json.loads(json.dumps(LOOPS[name])), {}) is not None


def test_graphs_that_branch_at_every_node_are_read_at_once() -> None:
    """2^300 ways lead through it: each node speaks once."""
    nodes: Nodes = dict(SIMPLE)
    for number in range(300):
        to = [str(1001 + number), 0] if number < 299 else ["6", 0]
        inputs = dict.fromkeys(("conditioning_1", "conditioning_2", "value", "int", "text", "seed", "steps"), to)
        nodes[str(1000 + number)] = node("Anything", **inputs)
    wired = {key: ["1000", 0] for key in ("positive", "negative", "seed", "steps", "cfg", "sampler_name", "model")}
    nodes["3"] = node("KSampler", **{**SIMPLE["3"]["inputs"], **wired})
    read(nodes)


@pytest.mark.parametrize("count", [3_000, 100_000])
def test_graphs_of_a_size_that_nobody_draws_are_named_only(count: int) -> None:
    nodes = {str(number): node("Reroute", **{"": [str(number + 1), 0]}) for number in range(count)}
    assert read({**nodes, **SIMPLE}) == Generation(tool="ComfyUI", readable=False)


@pytest.mark.parametrize(
    "odd",
    [
        {"3": 5}, {"3": {"class_type": 5}}, {"3": {"class_type": "KSampler", "inputs": []}},
        {"3": node("KSampler", seed={}, steps=[[]], cfg="nan", sampler_name=5, scheduler=None, positive=[None, 1],
                   model=["3", "x"], latent_image=[{}, 0])},
        {"6": node("CLIPTextEncode", text={"a": 1})}, {"5": node("EmptyLatentImage", width="x", height=-(10**40))},
        {"9": node("SaveImage", images=["nowhere", 0])},
    ],
)  # fmt: skip
def test_odd_values_are_nothing(odd: Nodes) -> None:
    comfyui.of_graphs(json.loads(json.dumps({**SIMPLE, **odd})), {})
