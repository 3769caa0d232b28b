"""The console: a web page for people, and the routes that only this page calls."""
