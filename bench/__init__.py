"""Measures the real program on a real pty: `python -m bench`."""
