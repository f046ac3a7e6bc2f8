"""IIIF: what our holdings look like to other libraries' viewers."""
