"""OCR engines, one file each: `open_engine` in the file makes it a plug-in. See docs/recognition.md."""
