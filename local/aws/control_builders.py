"""Builders that are played: which scripts may be, and what they leave. See control."""

from aws.ec2.state import Ec2State


def allow(wanted: dict) -> None:
    """A user's script, or #cloud-config, that is no example."""
    script = wanted["script"]
    if not isinstance(script, str) or not script.strip():
        raise ValueError("script must be the whole text of a script")
    Ec2State.builders.allowed.add(script)


def root_of(instance_id: str) -> dict:
    """Where a builder's script takes `/` to be, kept after its end."""
    if instance_id not in Ec2State.builders.plays:
        raise ValueError(f"{instance_id} is no builder that has run")
    return {"root": str(Ec2State.builders.root(instance_id))}


def set_seconds(wanted: dict) -> None:
    """How long an instance is pending, stopping, shutting-down."""
    Ec2State.instances.seconds = wanted["seconds"]
