"""From noise to a picture: schedulers by name, previews on the way, and decoding that survives bad luck."""
