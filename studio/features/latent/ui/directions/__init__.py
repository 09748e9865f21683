"""The card of directions."""
