"""Measurements: `python -m benchmarks [NAME…]`. Each module can also be run alone and says what it measures."""
