"""What a person can do: the registry of actions and their keys."""
