"""Text generation with a causal language model: chat prompts, KV cache, sampling, streaming."""
