"""What is about files on disk, whatever is in them: written whole, read with care, named, kept private."""
