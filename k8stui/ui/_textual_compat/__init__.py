"""Everything that leans on Textual's internals or on a behaviour of one of its versions."""
