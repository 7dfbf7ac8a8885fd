"""EC2 Auto Scaling: moto's, whose groups start moto's instances, with the service's own pages and rules over it.

MiniStack's own knows neither pages nor a MixedInstancesPolicy, and its groups start nothing.
"""
