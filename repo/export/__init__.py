"""Standard forms in which others can keep and read our holdings: OCFL 1.1 and BagIt 1.0."""
