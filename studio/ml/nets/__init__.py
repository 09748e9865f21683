"""Our own networks in plain PyTorch, one file each."""
