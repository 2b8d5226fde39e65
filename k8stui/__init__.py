"""k8stui: a terminal cockpit for Kubernetes."""

__version__ = "0.1.0"
