"""One file for each format that can be handed in. See docs/add-a-format.md."""
