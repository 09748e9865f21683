"""What is seen of the Models room."""
