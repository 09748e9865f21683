"""How files were made: metadata written into pictures, texts and videos, and read back."""
