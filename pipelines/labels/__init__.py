"""Labels read off real messages, joined to texts by hash, never the texts themselves."""
