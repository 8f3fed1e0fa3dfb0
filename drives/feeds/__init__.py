"""Calendars to subscribe to: of an office, a school, a kit. Whoever has the address reads, so nothing personal is in them."""
