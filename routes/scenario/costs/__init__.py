"""What an arc costs in a scenario: impedance, draws of it, and the network so costed."""
