"""Puts a cluster and the store together: what is watched, for whom, and when it ends."""
