"""User data as a builder brings it: what its machine would run, and the part in it that is the user's.

A wrapper has the user's part between a line that ends with `<<'AMITY_USER_DATA'` and the line `AMITY_USER_DATA`, or
fetches it from a URL; a #cloud-config is a part of its own beside the wrapper.
https://docs.cloud-init.io/en/latest/explanation/format.html.
"""

import email
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ministack.services import s3

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "bake"
END = "AMITY_USER_DATA"
_WITHIN = re.compile(rf"<<'{END}'\n(.*?)^{END}$", re.DOTALL | re.MULTILINE)
_FETCHED = re.compile(r"^(?:curl .* -o run '|#include\s+)(http[^'\s]+)", re.MULTILINE)


@dataclass
class UserData:
    """`script` is what cloud-init would run, `theirs` the user's part of it; none where there is none."""

    script: str | None
    theirs: str | None


def read_user_data(data: bytes, endpoint: str) -> UserData:
    parts = _parts(data.decode("utf-8", "replace"))
    script, include = parts.get("text/x-shellscript"), parts.get("text/x-include-url", "")
    within = _WITHIN.search(script or "")
    fetched = _FETCHED.search(include) or _FETCHED.search(script or "")
    if within:
        return UserData(script, within[1])
    theirs = _from_bucket(fetched[1], endpoint) if fetched else None
    return UserData(script, parts.get("text/cloud-config", theirs))


def is_known(theirs: str | None, allowed: set[str]) -> bool:
    """An example that ships with the project, or what a test has allowed."""
    examples = (each.read_text() for each in EXAMPLES.rglob("*") if each.is_file()) if EXAMPLES.is_dir() else ()
    return theirs is not None and any(_lines(theirs) == _lines(each) for each in (*allowed, *examples))


def _lines(text: str) -> str:
    """The wrapper ends a last line that has no end."""
    return text if text.endswith("\n") else text + "\n"


def _parts(text: str) -> dict[str, str]:
    """The first part of each type; what is no MIME message is a script or nothing."""
    message = email.message_from_string(text)
    if message.is_multipart():
        parts = reversed([each for each in message.walk() if not each.is_multipart()])
        return {each.get_content_type(): (each.get_payload(decode=True) or b"").decode() for each in parts}
    return {"text/x-shellscript": text} if text.startswith("#!") else {}


def _from_bucket(url: str, endpoint: str) -> str | None:
    """An object of our own S3 by its URL, whatever it is signed with; nothing else is fetched."""
    if not url.startswith(f"{endpoint}/"):
        return None
    bucket, _, key = unquote(urlsplit(url).path).lstrip("/").partition("/")
    status, _, body = s3._get_object(bucket, key, {}, {})
    return body.decode("utf-8", "replace") if status == 200 else None
