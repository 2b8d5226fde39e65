"""Widgets that draw only the lines on the screen, over view models."""
