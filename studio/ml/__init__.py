"""Everything that touches torch: device, pool of loaded models, pictures and tensors, networks and loaders."""

import os

# Read by OpenMP when torch loads it. Threads that wait by spinning starve each other on a machine that does other work
# too: a frame of 40 ms took 200 to 370 ms on two busy cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
