"""Writing with a causal language model: chat prompts, reading with a cache, choice of words, whole characters."""
