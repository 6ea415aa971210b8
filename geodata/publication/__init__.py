"""What goes out: the result directory, and layers with titles and licences."""
