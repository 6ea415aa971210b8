"""Downloads: complete files from the hosts that publish them, checked, with licence and holder."""
