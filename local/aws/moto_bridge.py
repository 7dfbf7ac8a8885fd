"""Answers a service's calls from moto, in this process."""

import logging
from collections.abc import Callable
from urllib.parse import urlencode

from moto.core.request import Request
from moto.core.responses import BaseResponse

from aws.answers import Answer, error_answer
from ministack.core.responses import get_region

logger = logging.getLogger("amity.moto")


def bridge(service: str, responses: type[BaseResponse], prepare: Callable[[str], None] = lambda _: None):
    """A handler for MiniStack's router; `prepare` is told the region of each call first.

    A call runs on the server's own loop, one at a time, so that no two calls interleave.
    """

    async def handle_request(method: str, path: str, headers: dict, body: bytes, query: dict) -> Answer:
        region = get_region()
        prepare(region)
        url = f"https://{service}.{region}.amazonaws.com{path}?{urlencode(query, doseq=True)}"
        left_out = ("host", "content-length", "user-agent")
        kept = {name: value for name, value in headers.items() if name not in left_out}
        request = Request.from_primitives(method, url, kept, body)
        try:
            status, answer_headers, answer = responses.dispatch(request)
        except NotImplementedError as error:
            message = f"The embedded AWS does not model this: {error}"
            return error_answer(service, "UnsupportedOperation", message, 400)
        except Exception as error:
            logger.exception("%s failed", service)
            return error_answer(service, "InternalError", f"The embedded AWS failed: {error!r}", 500)
        content_type = answer_headers.get("Content-Type", "text/xml;charset=UTF-8")
        return status, {"Content-Type": content_type}, answer.encode() if isinstance(answer, str) else answer

    return handle_request
