"""Labels of real messages, joined to texts by hash; the texts themselves are not stored."""
