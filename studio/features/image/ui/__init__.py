"""What is seen of the Image room."""
