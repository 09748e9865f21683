"""What is seen of the Library room."""
