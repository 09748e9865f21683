"""What can be asked of language models."""
