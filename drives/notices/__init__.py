"""Notices: what is to be told to whom and when, in which words; and the student's own page."""
