"""The server's front: the control endpoint, the one account, and connections that are dropped on purpose."""

from ministack import app as ministack_app
from ministack.app import find_iam_access_key_account
from ministack.core.router import extract_access_key_id

from aws.answers import error_answer
from aws.connections import DROP_HEADER, drop_connection
from aws.control import PREFIX, Control
from aws.settings import ACCOUNT


class Gateway:
    """An ASGI application around MiniStack's."""

    def __init__(self, control: Control) -> None:
        self.control = control

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await ministack_app.app(scope, receive, send)
        elif scope["path"].startswith(PREFIX):
            body = await _read(receive)
            await _send(send, self.control.answer(scope["method"], scope["path"], scope["query_string"], body))
        elif (stranger := _stranger(scope)) is not None:
            message = f"The embedded AWS serves account {ACCOUNT} only; this call is signed with {stranger}."
            await _send(send, error_answer("sts", "InvalidClientTokenId", message, 403))
        else:
            await ministack_app.app(scope, receive, _dropping(send))


def _stranger(scope) -> str | None:
    """The access key of a call that is signed for another account: real credentials, or a made-up account.

    Keys that were made here (a role's session, of another account's role too, or a user's) are known to MiniStack.
    """
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    key = extract_access_key_id(headers, None)
    if not key or key == ACCOUNT:
        return None
    return None if _is_known(key) else key


def _is_known(key: str) -> bool:
    from ministack.services import sts

    return key in sts._sessions or find_iam_access_key_account(key) == ACCOUNT


def _dropping(send):
    """Passes an answer on, unless it says that the connection is to be dropped instead."""

    async def send_or_drop(message) -> None:
        if message["type"] == "http.response.start" and any(
            name.decode("latin-1").lower() == DROP_HEADER for name, _ in message.get("headers", [])
        ):
            drop_connection()
            raise ConnectionResetError("dropped on purpose")
        await send(message)

    return send_or_drop


async def _read(receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(send, answer) -> None:
    status, headers, body = answer
    pairs = [(name.lower().encode(), str(value).encode()) for name, value in headers.items()]
    pairs.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
