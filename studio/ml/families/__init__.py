"""What is computed for one family of models only: a file for each of ``studio.families`` that needs code."""
