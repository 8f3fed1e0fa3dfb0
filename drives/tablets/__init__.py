"""Tablets in the hall: made ready for a day, known by a credential of their own, heard whenever they find a network."""
