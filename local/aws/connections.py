"""Drops a connection in the middle of a call, as a network does: the caller cannot know what was carried out."""

import contextvars

from hypercorn.asyncio.tcp_server import TCPServer

DROP_HEADER = "x-amity-drop-connection"
_server: contextvars.ContextVar[TCPServer | None] = contextvars.ContextVar("amity_connection", default=None)


def remember_connections() -> None:
    """Lets the application know the connection that a request came by; hypercorn does not tell."""
    run = TCPServer.run

    async def run_remembered(self: TCPServer) -> None:
        _server.set(self)
        await run(self)

    TCPServer.run = run_remembered


def drop_connection() -> None:
    """Resets the connection of the request being answered."""
    server = _server.get()
    if server is not None:
        server.writer.transport.abort()
