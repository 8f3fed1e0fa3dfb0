"""Schools added and corrected by hand, and the days on which they or an office are closed."""
