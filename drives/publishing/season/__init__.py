"""A season's turns published together: looked at first, confirmed once, and done one by one by a worker."""
