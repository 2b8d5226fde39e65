"""The Textual screens, panes and widgets."""
