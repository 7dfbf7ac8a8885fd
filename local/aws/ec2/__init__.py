"""EC2: moto's, with EC2's own rules for images, snapshots and instances put over it."""
