"""What people read in real messages: labels joined to texts by hash, never the texts themselves."""
