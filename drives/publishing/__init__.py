"""Where planning meets the notices: a schedule becomes public, changes, or is called off, and everybody concerned is told."""
