"""Everything that uses torch: device, cache of loaded models, pictures and tensors, networks and loaders."""

import os

# Read by OpenMP when torch loads it. Spinning threads starve each other on a busy machine: a frame of 40 ms took 200 to
# 370 ms on two busy cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
