"""Our own paths beside the bare limit and a peer, in the same run and in turn: `make bench`."""
