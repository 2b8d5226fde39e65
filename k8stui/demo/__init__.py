"""A small Kubernetes of our own, for demonstrations and tests."""
