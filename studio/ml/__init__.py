"""Everything that touches torch: device, pool of loaded models, pictures and tensors, networks and loaders."""
