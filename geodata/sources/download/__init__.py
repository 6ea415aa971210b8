"""Downloads: files got whole from the hosts that publish them, checked, and told whose they are."""
