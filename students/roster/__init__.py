"""Rosters: any file a school has, read in a process of its own, checked, matched, reviewed and applied.

`child`, `formats`, `markup`, `delimited`, `columns` and `cells` run in that process too and import no Django.
"""
