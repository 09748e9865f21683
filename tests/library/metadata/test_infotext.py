"""The ``parameters`` text: samples of other tools, their traps, and a way back for all that is written."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from studio.library.metadata.infotext import Infotext, read_infotext, read_pairs, write_infotext
from studio.library.metadata.tools.automatic1111 import generation_of

AUTOMATIC = """\
girl with an artist's beret, determined, blue eyes, desert scene, computer monitors, heavy makeup, by Alphonse Mucha \
and Charlie Bowater, ((eyeshadow)), (coquettish), detailed, intricate
Negative prompt: ugly, fat, obese, chubby, (((deformed))), [blurry], bad anatomy, disfigured, poorly drawn face, \
mutation, mutated, (extra_limb), (ugly), (poorly drawn hands), messy drawing
Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 965400086, Size: 512x512, Model hash: 45dee52b"""
MATRIX = """\
test123
Negative prompt: test, easy negative
Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 3589107295, Size: 1024x1028, Model hash: 9aa0c3e54d, \
Model: nightvisionXL_v0770_BakedVAE, VAE hash: 235745af8d, VAE: sdxl_vae.safetensors, Style Selector Enabled: True, \
Style Selector Randomize: False, Style Selector Style: base, Version: 1.6.0"""
JSON_INSIDE = 'Name: "John, Doe", Json: {"key:with:colon": "value, with, comma"}, It still: should work'
ODD_JSON = (
    'Steps: 20, Missing closing bracket: {"name": "Someone did not close [this bracket"}, '
    "But: the parser, should: still return, the: fields before it"
)
KRITA = (
    "Steps: 20, Sampler: Euler - euler_a, CFG scale: 7.5, Seed: 12345, Size: 512x768, Model hash: unknown, "
    "Model: model.ckpt, Denoising strength: 0.8"
)


def test_automatic1111() -> None:
    info = read_infotext(AUTOMATIC)
    assert info.prompt.startswith("girl with an artist's beret")
    assert info.prompt.endswith("detailed, intricate")
    assert info.negative.startswith("ugly, fat")
    assert info.negative.endswith("messy drawing")
    assert list(info.pairs) == ["Steps", "Sampler", "CFG scale", "Seed", "Size", "Model hash"]
    known = generation_of(info)
    assert (known.steps, known.sampler, known.guidance, known.seed) == (20, "Euler a", 7.0, 965400086)
    assert (known.width, known.height, known.strength, known.start, known.others) == (512, 512, None, "", ())


def test_stability_matrix() -> None:
    info = read_infotext(MATRIX)
    assert (info.prompt, info.negative) == ("test123", "test, easy negative")
    assert info.pairs["Style Selector Style"] == "base"
    assert info.pairs["VAE"] == "sdxl_vae.safetensors"
    assert info.pairs["Version"] == "1.6.0"
    assert generation_of(info).height == 1028
    assert ("VAE", "sdxl_vae.safetensors") in generation_of(info).others


def test_json_without_quotes() -> None:
    assert read_pairs(JSON_INSIDE) == {
        "Name": "John, Doe",
        "Json": '{"key:with:colon": "value, with, comma"}',
        "It still": "should work",
    }
    pairs = read_pairs(ODD_JSON)
    assert list(pairs)[:2] == ["Steps", "Missing closing bracket"]
    assert pairs["Missing closing bracket"] == '{"name": "Someone did not close [this bracket"}'
    civit = 'Steps: 8, Civitai resources: [{"a": 1, "b": "x, y: z"}, {"c": 2}], Hashes: {"model": "abab"}, Seed: 3'
    assert list(read_pairs(civit)) == ["Steps", "Civitai resources", "Hashes", "Seed"]


def test_krita() -> None:
    info = read_infotext(KRITA)
    known = generation_of(info)
    assert (known.sampler, known.strength, known.guidance, known.start) == ("Euler - euler_a", 0.8, 7.5, "?")
    assert (info.prompt, info.negative) == ("", "")


def test_after_upscaling() -> None:
    assert read_pairs("Upscale: 2, model:Lanczos") == {"Upscale": "2", "model": "Lanczos"}


PARAMETERS = "Steps: 20, Sampler: Euler, Seed: 1, Size: 64x64"


@pytest.mark.parametrize(
    ("text", "prompt", "negative", "count"),
    [
        ("", "", "", 0),
        ("a cat", "a cat", "", 0),
        (PARAMETERS, "", "", 4),
        (f"a cat\n{PARAMETERS}", "a cat", "", 4),
        (f"a cat\r\nNegative prompt: dog\r\n{PARAMETERS}", "a cat", "dog", 4),
        ("a cat\nNegative prompt: dog", "a cat", "dog", 0),
        ("a cat\nSteps: 20", "a cat", "", 1),
        ("Negative prompt: dog\nand bird\nSteps: 3", "", "dog\nand bird", 1),
        # Prose that looks like pairs.
        ("a room\nmood: calm, light: soft, lens: 50mm", "a room\nmood: calm, light: soft, lens: 50mm", "", 0),
        ("a huge cat, size: large, seed: of doubt, steps: of stone", None, "", 0),
        ("a huge cat, Size: large, Seed: of doubt, Steps: of stone", None, "", 0),
        (f"a huge cat, size: large, steps: 3\n{PARAMETERS}", "a huge cat, size: large, steps: 3", "", 4),
        # The last of several such lines is where the negative prompt begins.
        (f"say\nNegative prompt: is a phrase\nNegative prompt: dog\n{PARAMETERS}", None, "dog", 4),
        (f"  indented\n   more\n{PARAMETERS}", "indented\n   more", "", 4),
    ],
)
def test_traps(text: str, prompt: str | None, negative: str, count: int) -> None:
    info = read_infotext(text)
    assert len(info.pairs) == count
    assert info.negative == negative
    if prompt is not None:
        assert info.prompt == prompt
    elif not negative:
        assert info.prompt == text


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ("Steps: 20, Steps: 30", {"Steps": "20"}),
        ('Seed: 1, Quoted: "a, \\"b\\": c", End: x', {"Seed": "1", "Quoted": 'a, "b": c', "End": "x"}),
        ('Open: "never closed, Seed: 1', {"Open": '"never closed', "Seed": "1"}),
        ("Open: [1, 2, Seed: 1", {"Open": "[1", "Seed": "1"}),
        ("Deep: " + "[" * 5000 + ", Seed: 1", {"Deep": "[" * 5000, "Seed": "1"}),
        ("a: b, Seed: 1", {"Seed": "1"}),
        ("Clip (skip): 2, Seed: 1", {"Seed": "1"}),
        ("Größe: 3, 模型: x", {"Größe": "3", "模型": "x"}),
        ("Empty:, Seed: 1", {"Empty": "", "Seed": "1"}),
        ('Lora hashes: "a: 1, b: 2", Seed: 1', {"Lora hashes": "a: 1, b: 2", "Seed": "1"}),
    ],
)
def test_pairs(line: str, pairs: dict[str, str]) -> None:
    assert read_pairs(line) == pairs


@pytest.mark.parametrize("piece", ["a", " ", ":", "ab:", "ab: [", 'ab: "', "ab: {", "word, ", "\n", "Negative prompt:"])
def test_a_million_characters(piece: str) -> None:
    """Nothing in the reader takes the square of the length: that would be minutes."""
    read_infotext(piece * (1_000_000 // len(piece)))


LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"])).filter(lambda text: "Negative prompt:" not in text)
PROMPTS = st.lists(LINES, max_size=4).map(lambda lines: "\n".join(lines).strip())
KEYS = st.from_regex(r"[A-Za-z][A-Za-z0-9 \-/]{0,20}[A-Za-z]", fullmatch=True)
VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(PROMPTS, PROMPTS, st.dictionaries(KEYS, VALUES, max_size=6))
@example("", "a \nb", {})
def test_what_is_written_is_read(prompt: str, negative: str, more: dict[str, str]) -> None:
    info = Infotext(prompt, negative, {"Steps": "20", "Seed": "7", **more})
    assert read_infotext(write_infotext(info)) == info


@given(PROMPTS)
def test_a_prompt_that_has_the_word_itself(tail: str) -> None:
    prompt = f"a sign that says\nNegative prompt: {tail}".strip()
    info = Infotext(prompt, "", {"Steps": "20"})
    assert read_infotext(write_infotext(info)) == info


@given(st.text(max_size=300))
def test_nothing_breaks_the_reader(text: str) -> None:
    generation_of(read_infotext(text))
