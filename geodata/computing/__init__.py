"""What computing needs: compiled functions and their code on disk, and threads at work."""
