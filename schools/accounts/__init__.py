"""One's own account: signing in and out, the profile, the password."""
