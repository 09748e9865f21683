"""What logs and reports leave out: any path, however it is written, and whatever opens a door."""

import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.private import HIDDEN, ROOT, without_paths, without_secrets

PART = st.text(
    st.sampled_from("abcXYZ019 -_.,:;'\"()[]{}<>|&%$#@!+=~ éß猫夜里的 画室🪁`"), min_size=4, max_size=12
).map(lambda part: f"q{part.strip(' .')}zx")
"""A name as people give them, which no word of a sentence is like."""
PLACES = st.sampled_from(
    (
        "/home/ann",
        "~",
        "$HOME",
        "C:",
        "D:/x",
        r"C:\Users",
        r"\\server\share",
        r"\\?\C:",
        "//server/share",
        "file://",
        "file:///home",
        "/Users/ann",
        "/media/ann",
        "",
        "/",
    )
)
ENDINGS = st.sampled_from(("", ".png", ".safetensors", ".txt", ".tar.gz", ".odd"))
SAYINGS = st.sampled_from(
    (
        "{path} couldn't be written: the disk is full.",
        "no file {path}",
        "'{path}' is odd",
        '"{path}" is not a picture',
        "({path})",
        "[Errno 2] No such file or directory: {repr}",
        "{path} is no longer there.",
        "moved to {path}, and on",
        "写不了{path}：磁盘已满",
        "{path} can't be read: {path}",
        '  File "{path}", line 3, in <module>',
        "{{'image': {repr}, 'steps': 3}}",
        "image={path}",
        "x:{path}",
        "`{path}`",
        "<{path}>",
        "--image={path} --steps 3",
        "a\n{path}\nb",
    )
)


@given(PLACES, st.lists(PART, min_size=2, max_size=4, unique=True), ENDINGS, SAYINGS)
def test_no_part_of_a_path_is_told(place: str, parts: list[str], ending: str, saying: str) -> None:
    between = "\\" if "\\" in place or place == "C:" else "/"
    path = between.join([place.rstrip("/"), *parts]) + ending
    told = without_paths(saying.format(path=path, repr=repr(path)))
    shown = parts[:-1] if "File" in saying else parts  # a file of Python's keeps its name
    assert not [part for part in shown if part in told or repr(part)[1:-1] in told], told


def test_what_is_said_of_it_stays() -> None:
    folder = "/home/ann/My Pictures/a private folder"
    assert without_paths(f"{folder}/letter.png couldn't be written: the disk is full.") == (
        f"{HIDDEN}.png couldn't be written: the disk is full."
    )
    assert without_paths(f"the model '{folder}/x y.safetensors' failed") == f"the model '{HIDDEN}.safetensors' failed"
    assert without_paths(f"{folder} is no longer there.") == f"{HIDDEN} is no longer there."


@pytest.mark.parametrize(
    "text",
    [
        "/home/anna/what is a secret/letter.png can't be read: x",
        "/home/anna/what is a secret.png can't be read: x",
        "/home/anna/what is a secret can't be read: x",
        "/home/anna/My Pictures/this is not for you secret/letter.png: [Errno 13]",
        "opening /home/anna/a (my wife is gone secret)/x.png failed",
        "opening './My secret/x.png' failed",
        "./My secret/x.png can't be read",
        "../anna/secret/x.png can't be read",
    ],
)
def test_names_like_the_rest_of_a_sentence_are_not_told(text: str) -> None:
    told = without_paths(text)
    assert "secret" not in told
    assert not [word for word in ("letter", "wife", "anna", "you") if word in told], told


@pytest.mark.parametrize("text", ["my password is hunter2", "client_secret is hunter2", "password: hunter2"])
def test_a_secret_told_in_a_sentence_is_not_kept(text: str) -> None:
    assert "hunter2" not in without_secrets(text)
    assert without_secrets("the secret is missing") == "the secret is missing"


def test_what_is_no_path_stays() -> None:
    for text in (
        "and/or 3/4 of 12 it/s, image/png",
        "ratio 16:9, at 10:30:05",
        "2026-01-02 10:00:00,123 WARNING studio.x: line 3",
        "https://huggingface.co",
        'File "studio/app/services.py", line 10, in make',
        "torch/nn/modules/module.py:1751",
    ):
        assert without_paths(text) == text


def test_files_of_python_are_named_from_where_everybody_has_them() -> None:
    assert without_paths(f'  File "{ROOT}/studio/app/services.py", line 1') == '  File "studio/app/services.py", line 1'
    assert "site-packages/PIL/Image.py" in without_paths(
        f'  File "/home/ann/my place/lib/python3.11/site-packages/PIL/Image.py", line 1, in x: {sys.version_info[0]}'
    )


BODY = st.text("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789", min_size=24, max_size=48)
WAYS = st.sampled_from(
    (
        "hf_{}",
        "sk-{}",
        "sk-proj-{}",
        "sk-ant-api03-{}",
        "ghp_{}",
        "github_pat_{}",
        "glpat-{}",
        "xoxb-123-{}",
        "AIza{}",
        "npm_{}",
        "eyJhbGciOi.{}.x",
        "Authorization: Bearer {}",
        "authorization: Basic {}",
        "'Authorization': 'Bearer {}'",
        "Authorization: {}",
        "Authorization: AWS4-HMAC-SHA256 Credential=x/y, Signature={}",
        "Bearer {}",
        "X-Api-Key: {}",
        "Cookie: session={}; more={}",
        "Set-Cookie: id={}",
        "password={}",
        "password: {}",
        "password 'a {}'",
        '"password": "two words {}"',
        "HF_TOKEN={}",
        "aws_secret_access_key = {}",
        "client_secret={}&x=1",
        "https://x/?token={}",
        "https://x/a?sig={}&b=1",
        "?X-Amz-Signature={}",
        "https://ann:{}@host/x",
        "https://{}@github.com/x",
        "socks5://ann:{}@10.0.0.1:80",
        "ann:{}@host",
        "token%3Dhf_{}",
        "-----BEGIN PRIVATE KEY-----\n{}\n{}\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\\n{}",
        "passphrase => {}",
    )
)


@given(WAYS, BODY, st.sampled_from(("{}", "asked with {} by x", "[{}]", "401 for {}, sorry", "'{}'", "  {}\nmore")))
def test_no_secret_is_told(way: str, body: str, around: str) -> None:
    told = without_secrets(around.format(way.replace("{}", body)))
    assert body not in told, told


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ASIAY34FZKBOKMUTVV7A",
        "ann.smith+x@example.co.uk",
        "安@例子.中国",
        "a_b-c@mail.example.com",
    ],
)
@pytest.mark.parametrize("around", ["{}", "mailto:{}", "<{}>", "key {} was refused", "x={}&y", "'{}'"])
def test_keys_and_addresses_are_not_told(secret: str, around: str) -> None:
    assert secret not in without_secrets(around.format(secret))


def test_words_that_only_look_like_secrets_stay() -> None:
    for text in (
        "line 3 of half_baked.py: 120 tokens, skipped at hf-mirror",
        "numpy@1.26.0 and task-specific-embeddings",
        "secretary of state",
        "StableDiffusion3ControlNetInpaintingPipeline",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ):
        assert without_secrets(text) == text


@pytest.mark.parametrize(
    "text", ["a" * 300_000, "/a b" * 60_000, "a:" * 150_000, "@" * 100_000, "'" * 100_000, "x://" * 60_000]
)
def test_a_long_line_takes_no_long_time(text: str) -> None:
    begun = time.process_time()
    without_paths(without_secrets(text))
    assert time.process_time() - begun < 10  # seconds; looking from each of its places to its end would take hours
