"""Users and their grants, as a system administrator keeps them."""
