"""What the rooms share: the model's picker, a run that is followed, pictures of items."""
