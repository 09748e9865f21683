"""Trains the first Starter for writing: a small Llama-shaped model with its own byte-level tokenizer."""

import logging
import math
import random
import time
from pathlib import Path

import torch
import writer_text
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from studio.files.atomic import replacing
from studio.files.card import ModelCard, write_card

log = logging.getLogger(__name__)

BEGIN, END, PAD = "<|begin|>", "<|end|>", "<|pad|>"
ROLES = {role: f"<|{role}|>" for role in ("system", "user", "assistant")}
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}"
    "{% if not (loop.last and message['role'] == 'assistant' and continue_final_message) %}{{ eos_token }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
VOCABULARY, CONTEXT = 1536, 1024
BATCH, LENGTH = 8, 256
WARMUP = 0.03  # fraction of the time in which the learning rate rises
PEAK, FLOOR = 3e-3, 3e-5  # learning rates
REFINE_FROM = 0.6  # where in the plan a training starts that continues a finished model
SAVE_EVERY = 60.0  # seconds
IGNORED = -100
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")

Batch = tuple[torch.Tensor, torch.Tensor]


def make_tokenizer(seed: int = 0) -> PreTrainedTokenizerFast:
    """Byte-level BPE, so that every script and symbol survives, with merges learned from 20,000 documents."""
    rng = random.Random(seed)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[PAD, BEGIN, END, *ROLES.values()],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((_plain(writer_text.document(rng)) for _ in range(20_000)), trainer)
    begin = tokenizer.token_to_id(BEGIN)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A", pair=f"{BEGIN} $A $B", special_tokens=[(BEGIN, begin)]
    )
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=BEGIN,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=list(ROLES.values()),
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )
    wrapped.chat_template = TEMPLATE
    return wrapped


def make_model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """Four wide layers: fewer steps per token than a deep model of the same size, so more tokens per second."""
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=192,
        intermediate_size=576,
        num_hidden_layers=4,
        num_attention_heads=3,
        num_key_value_heads=3,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return LlamaForCausalLM(config)


def _plain(document: str | list[writer_text.Message]) -> str:
    return document if isinstance(document, str) else " ".join(text for _, text in document)


class Corpus:
    """An endless text as token IDs, cut into batches."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, seed: int) -> None:
        self.tokenizer, self.rng = tokenizer, random.Random(seed)
        self.tokens: list[int] = []
        self.labels: list[int] = []

    def batch(self) -> Batch:
        """Tokens and labels, both [BATCH, LENGTH]; the user's turns are masked."""
        need = BATCH * LENGTH
        while len(self.tokens) < need:
            self._add()
        tokens, labels = self.tokens[:need], self.labels[:need]
        del self.tokens[:need], self.labels[:need]
        return torch.tensor(tokens).view(BATCH, LENGTH), torch.tensor(labels).view(BATCH, LENGTH)

    def _add(self) -> None:
        document = writer_text.document(self.rng)
        self._put(BEGIN, learn=False)
        if isinstance(document, str):
            self._put(document + END)
            return
        for role, text in document:
            self._put(ROLES[role], learn=False)
            self._put(text + END, learn=role == "assistant")

    def _put(self, text: str, learn: bool = True) -> None:
        numbers = self.tokenizer.encode(text, add_special_tokens=False)
        self.tokens += numbers
        self.labels += numbers if learn else [IGNORED] * len(numbers)


def learning_rate(share: float) -> float:
    """The rate after `share` (0 to 1) of the training: a short warm-up, then half a cosine down."""
    if share < WARMUP:
        return PEAK * (share / WARMUP + 0.01)
    return FLOOR + (PEAK - FLOOR) * 0.5 * (1 + math.cos(math.pi * min((share - WARMUP) / (1 - WARMUP), 1)))


COUNTED = ("step", "seconds", "loss", "begun")


class Training:
    """A training that can be interrupted and resumed: its state is in `work`."""

    def __init__(self, work: Path, start: Path | None = None) -> None:
        """A new one begins with the finished model in `start`, if given."""
        self.path = work / "writer.pt"
        words = work / "tokenizer"
        torch.manual_seed(0)
        if words.exists() or start:
            self.tokenizer = PreTrainedTokenizerFast.from_pretrained(start or words)
        else:
            self.tokenizer = make_tokenizer()
        self.tokenizer.save_pretrained(words)
        self.model = make_model(self.tokenizer)
        if start:
            self.model = LlamaForCausalLM.from_pretrained(start, dtype=torch.float32)
        self.model.to(DEVICE)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=PEAK, betas=(0.9, 0.95), weight_decay=0.05)
        self.step, self.seconds, self.loss, self.begun = 0, 0.0, 0.0, REFINE_FROM if start else 0.0
        if self.path.exists():
            saved = torch.load(self.path, weights_only=True)
            self.model.load_state_dict(saved["model"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.step, self.seconds, self.loss, self.begun = (saved[name] for name in COUNTED)
        self.corpus = Corpus(self.tokenizer, seed=self.step + 1)

    def run(self, minutes: float, out: Path) -> None:
        """Train until `minutes` have been spent in total; `out` has a usable model from the first save on."""
        self.model.train()
        saved_at = self.seconds
        try:
            while self.seconds < minutes * 60:
                start = time.perf_counter()
                self.learn(self.seconds / (minutes * 60))
                self.seconds += time.perf_counter() - start
                if self.seconds - saved_at > SAVE_EVERY:
                    saved_at = self.seconds
                    self.keep()
                    write(self.model, self.tokenizer, out)
                    log.info("step %d, %.0f of %.0f s, loss %.3f", self.step, self.seconds, minutes * 60, self.loss)
        finally:
            self.keep()
            write(self.model, self.tokenizer, out)

    def learn(self, share: float) -> None:
        """One step; `share` of the time is over."""
        share = self.begun + (1 - self.begun) * share
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(share)
        tokens, labels = self.corpus.batch()
        with torch.autocast(DEVICE.type, torch.bfloat16):
            loss = self.model(input_ids=tokens.to(DEVICE), labels=labels.to(DEVICE), use_cache=False).loss
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        self.loss = 0.98 * self.loss + 0.02 * loss.item() if self.loss else loss.item()

    def keep(self) -> None:
        """A training that is killed here finds its last state again."""
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            **{name: getattr(self, name) for name in COUNTED},
        }
        with replacing(self.path) as part:
            torch.save(state, part)


CARD = ModelCard(
    name="Starter Writer",
    kind="write",
    licence="CC0-1.0",
    summary="Image prompts, short scenes and taglines, in English, at once. Very small: it knows little else.",
    defaults={"temperature": 0.8},
)


def write(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, out: Path) -> None:
    """The model in float16 with its tokenizer, in the transformers format."""
    out.mkdir(parents=True, exist_ok=True)
    copy = LlamaForCausalLM(model.config)
    copy.load_state_dict(model.state_dict())
    copy.generation_config = GenerationConfig(
        do_sample=True,
        temperature=0.8,
        top_p=0.95,
        max_new_tokens=120,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    copy.to(torch.float16).save_pretrained(out)
    tokenizer.save_pretrained(out)
    write_card(out, CARD)


def build(minutes: float, out: Path, work: Path, start: Path | None = None) -> None:
    """Train for `minutes` (including earlier, interrupted runs) and write the model to `out`."""
    work.mkdir(parents=True, exist_ok=True)
    Training(work, start).run(minutes, out)
