"""What was fetched: its addresses, and the record beside each file."""
