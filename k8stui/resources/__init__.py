"""Kubernetes objects as flat records, and pure functions over them."""
