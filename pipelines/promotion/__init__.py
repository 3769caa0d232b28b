"""Whether a challenger becomes the champion, on evidence."""
