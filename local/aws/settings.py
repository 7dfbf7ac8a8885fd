"""What one run of the embedded AWS is started with, and what it refuses to be started as.

It is a stand-in for one account that cannot exist, on one address that nobody else reaches. Anything else
is refused, so that a local command can never be mistaken for one against a real account, or the reverse.
"""

import os
import sys
from dataclasses import dataclass

ACCOUNT = "000000000000"
SECRET = "local"
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Settings:
    """`pending_seconds` is how long a new image stays pending unless a test says otherwise."""

    port: int
    region: str
    pending_seconds: float
    auth: bool


def read_settings() -> Settings:
    """Reads and checks the environment; exits with a sentence for each thing that is refused."""
    refused = [
        f"{name} is {os.environ[name]}: the embedded AWS is {what} {allowed} and nothing else"
        for name, allowed, what in (
            ("BIND_HOST", HOST, "on"),
            ("MINISTACK_ACCOUNT_ID", ACCOUNT, "account"),
            ("MOTO_ACCOUNT_ID", ACCOUNT, "account"),
            ("AWS_ACCESS_KEY_ID", ACCOUNT, "account"),
        )
        if os.environ.get(name, allowed) != allowed
    ]
    if not os.environ.get("GATEWAY_PORT", "").isdigit():
        refused.append("GATEWAY_PORT must be the port to serve on")
    if refused:
        sys.exit("\n".join(refused))
    return Settings(
        port=int(os.environ["GATEWAY_PORT"]),
        region=os.environ.get("AWS_REGION", "us-east-1"),
        pending_seconds=float(os.environ.get("AMITY_PENDING_SECONDS", "2")),
        auth=os.environ.get("AUTH", "false").lower() == "true",
    )


def fix_environment(settings: Settings) -> None:
    """Sets what MiniStack and moto read from the environment when they are imported."""
    os.environ.update(
        {
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(settings.port),
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": settings.region,
            # The account's own key, whose signature is checked when IAM is enforced.
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "MOTO_ACCOUNT_ID": ACCOUNT,
            # Thousands of images that nobody asked for; `ec2/catalog.py` has the few that are used.
            "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
            # Listeners that bind fixed ports, so that two runs at once would be in each other's way.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }
    )
    # Real credentials must not reach a Lambda worker, which inherits this environment.
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        os.environ.pop(name, None)
