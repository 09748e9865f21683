"""What is seen of the Write room."""
