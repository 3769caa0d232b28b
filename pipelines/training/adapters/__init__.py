"""Parameter-efficient learning: few new weights learn beside an encoder whose own stay as they are."""
