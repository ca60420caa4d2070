"""What makes the app what it is: its manifest, its tokens, and the check of both."""
