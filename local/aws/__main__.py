"""Starts the embedded AWS and serves until a signal, or until whoever started it is gone."""

import asyncio
import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
import traceback
from pathlib import Path

from aws.settings import HOST, Settings, fix_environment, read_settings

STOP_SECONDS = 2
FOLDER = "amity-aws-"


def main() -> None:
    settings = read_settings()
    fix_environment(settings)
    sweep_folders()
    folder = tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-")
    os.environ["TMPDIR"] = os.environ["STATE_DIR"] = os.environ["S3_DATA_DIR"] = tempfile.tempdir = folder
    code = 0
    try:
        asyncio.run(serve(settings))
    except BaseException:
        traceback.print_exc()
        code = 1
    shutil.rmtree(folder, ignore_errors=True)
    sys.stderr.flush()
    # Threads of MiniStack that wait for a poll or a time-out would hold the process for minutes.
    os._exit(code)


def sweep_folders() -> None:
    """Removes what a run that was killed left behind: workers' code, which is in a folder of its process's id."""
    for path in Path(tempfile.gettempdir()).glob(f"{FOLDER}[0-9]*-*"):
        try:
            os.kill(int(path.name.split("-")[2]), 0)
        except (ProcessLookupError, ValueError):
            shutil.rmtree(path, ignore_errors=True)
        except PermissionError:
            pass


async def serve(settings: Settings) -> None:
    """Joins the parts, and serves until it is to stop."""
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    from aws import lambda_workers
    from aws.ec2.state import Ec2State
    from aws.join import join

    gateway = join(settings)
    config = Config()
    config.bind = [f"{HOST}:{settings.port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = STOP_SECONDS / 2
    config.loglevel = "WARNING"
    stopping = asyncio.Event()
    stop_when_told(asyncio.get_running_loop(), stopping)
    logging.getLogger("hypercorn.error").addFilter(lambda record: "Error in ASGI Framework" not in record.getMessage())
    try:
        await hypercorn_serve(gateway, config, shutdown_trigger=stopping.wait)
    finally:
        Ec2State.builders.stop()
        await asyncio.to_thread(lambda_workers.stop)


def stop_when_told(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    """A signal, or the end of our input: the pipe from the parent closes even when it is killed."""
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)

    def watch_parent() -> None:
        while sys.stdin.buffer.read(1):
            pass
        loop.call_soon_threadsafe(stopping.set)
        # Should the loop hang, the parent is gone all the same.
        threading.Event().wait(STOP_SECONDS * 2)
        os._exit(1)

    threading.Thread(target=watch_parent, daemon=True, name="amity-parent").start()


if __name__ == "__main__":
    main()
