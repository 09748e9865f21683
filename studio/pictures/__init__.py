"""Picture files: the one way to open them, for the window, the library and the models."""
