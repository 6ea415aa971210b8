"""What is read: layers of studies and bundles, files of users, and what is fetched from hosts."""
