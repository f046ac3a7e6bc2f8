"""Commands that bring things in."""
