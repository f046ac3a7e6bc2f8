"""Make a page ready to be read: one file a step, each of which can be switched off. See docs/recognition.md."""
