"""What is known of each family of models: a file of facts each, and in rules/ what holds for all."""
