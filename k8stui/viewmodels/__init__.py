"""What a screen shows, as data."""
