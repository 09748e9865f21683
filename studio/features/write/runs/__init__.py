"""How texts are written."""
