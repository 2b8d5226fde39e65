"""Talks to the API server: configuration, credentials, the one door, list and watch."""
