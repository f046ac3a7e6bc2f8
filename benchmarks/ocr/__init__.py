"""OCR: made pages with ground truth, scoring, engines side by side."""
