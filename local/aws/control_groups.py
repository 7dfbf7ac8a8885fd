"""Instance refreshes of Auto Scaling groups: how fast they go, and how they fail. See control."""

from collections.abc import Callable

from aws.auto_scaling.refresh_pace import pace

DEFAULT_REASON = "the instance did not become healthy."


def set_pace(wanted: dict) -> None:
    """Only what is given changes."""
    if "seconds" in wanted:
        pace.set_seconds(wanted["seconds"])
    if "pauseSeconds" in wanted:
        pace.pause_seconds = wanted["pauseSeconds"]
    if "events" in wanted:
        pace.announces = bool(wanted["events"])


def fail_next(wanted: dict) -> None:
    """Of a group, by its name; the instances after the first `after` never become healthy."""
    pace.failures[wanted["groupName"]] = wanted.get("reason", DEFAULT_REASON), int(wanted.get("after", 0))


def set_unhealthy_image(wanted: dict) -> None:
    """No reason takes it back."""
    pace.unhealthy_images.pop(wanted["imageId"], None)
    if wanted.get("reason") is not None:
        pace.unhealthy_images[wanted["imageId"]] = wanted["reason"]


ROUTES: dict[str, Callable[[list[str], dict], None]] = {
    "PUT refreshes": lambda _, body: set_pace(body),
    "POST refresh-failures": lambda _, body: fail_next(body),
    "PUT unhealthy-images": lambda _, body: set_unhealthy_image(body),
}
