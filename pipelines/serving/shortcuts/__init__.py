"""Shortcuts past general layers of the serving path; `NEEDLOOP_SHORTCUTS` switches them, a benchmark measures each."""
