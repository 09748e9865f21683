"""Language models that go on with a text: Llama, Qwen, GPT and all others that transformers knows."""

from studio.families.rules.family import Family

FAMILY = Family(
    name="causal_lm",
    can=("text>text",),
    tokenizers=("",),
    context=(
        "max_position_embeddings", "n_positions", "max_seq_len", "max_seq_length", "seq_length", "max_sequence_length",
        "n_ctx", "seq_len", "context_length", "max_context_length", "ctx_len", "max_target_positions",
        "model_max_length", "block_size",
    ),
)  # fmt: skip
