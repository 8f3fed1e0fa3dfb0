"""Susulan: who was absent or failed gets the next day of the drive, a make-up drive, or the way to the office."""
