"""Filters and pages, as every Describe call of EC2 has them.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html and
https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-pagination.html.
"""

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import TypeVar

from aws.ec2.errors import ec2_error, invalid_parameter
from aws.wildcards import matches

MAX_FILTER_VALUES = 200
Resource = TypeVar("Resource")
Reader = Callable[[Resource], object]


class Pages:
    """`limit` lets a test make EC2 give fewer results a page than asked for, as EC2 may."""

    limit: int | None = None


def apply_filters(
    resources: Iterable[Resource],
    filters: list[dict],
    readers: dict[str, Reader],
    tags_of: Callable[[Resource], dict[str, str]],
) -> list[Resource]:
    """Filters are joined by AND, the values of one by OR."""
    count = sum(len(each.get("Values", [])) for each in filters)
    if count > MAX_FILTER_VALUES:
        message = f"The maximum number of filter values specified on a single call is {MAX_FILTER_VALUES}"
        raise ec2_error("FilterLimitExceeded", message)
    found = list(resources)
    for each in filters:
        read, values = _reader(each.get("Name"), readers, tags_of), each.get("Values", [])
        found = [resource for resource in found if _any_matches(values, read(resource))]
    return found


def _reader(name: str | None, readers: dict[str, Reader], tags_of: Callable) -> Reader:
    if not name:
        raise invalid_parameter("The filter 'null' is invalid")
    if name.startswith("tag:"):
        return lambda resource: tags_of(resource).get(name[4:])
    if name == "tag-key":
        return lambda resource: list(tags_of(resource))
    if name not in readers:
        raise invalid_parameter(f"The filter '{name}' is invalid (or not modelled by the embedded AWS)")
    return readers[name]


def _any_matches(values: list[str], actual: object) -> bool:
    if actual is None:
        return False
    if isinstance(actual, (list, tuple, set)):
        return any(_any_matches(values, each) for each in actual)
    text = str(actual).lower() if isinstance(actual, bool) else str(actual)
    return any(matches(value, text) for value in values)


def page(items: list[Resource], max_results: int | None, token: str | None) -> tuple[list[Resource], str | None]:
    """One page, and the token of the next when there is one."""
    start = _offset(token)
    size = min(max_results or len(items) or 1, Pages.limit or len(items) or 1)
    rest = start + size
    return items[start:rest], _token(rest) if rest < len(items) else None


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"amity-page-{offset}".encode()).decode()


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        prefix, _, number = base64.urlsafe_b64decode(token).decode().rpartition("-")
        if prefix == "amity-page":
            return int(number)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise ec2_error("InvalidNextToken", "The token is invalid.")
