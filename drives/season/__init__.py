"""The season: which school of a city is visited when, with which kits."""
