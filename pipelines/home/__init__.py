"""The state folder itself: where it lies, what it says of its own files, how it is saved and put back."""
