"""Offices and the rules that each of them sets."""
