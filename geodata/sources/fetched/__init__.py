"""What was fetched: its addresses, the record beside each file, and archives unpacked."""
