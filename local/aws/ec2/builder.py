"""Builders, played: no machine boots here, so the user data of one is run as a process of this machine.

Only of an instance with the tag key `amity:builder`, only scripts that are known (see known_scripts), and with
stand-ins before the commands that would change this machine (`played/`). The process has a group of its own, which
ends with the instance or with this server, however that ends.
"""

import base64
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from moto.ec2.models.instances import Instance

from aws.ec2.builder_root import make_root
from aws.ec2.known_scripts import EXAMPLES, is_known, read_user_data
from aws.iam import start_session
from ministack.services import iam

TAG = "amity:builder"
STAND_INS = Path(__file__).parent / "played"
ENDED = {"stopping", "stopped", "shutting-down", "terminated"}
# Its input is a pipe from this server: when the pipe closes, all that it has started ends with it.
GUARD = 'bash "$0" </dev/null & cat >/dev/null; kill -KILL 0'
UNKNOWN = (
    "The embedded AWS has not run this user data: it plays only what it knows, which is the files in "
    f"{EXAMPLES.parent.name}/{EXAMPLES.name}/ and what a test has allowed (control.builders.allow).\n"
)


@dataclass
class Play:
    folder: Path
    note: str = ""
    process: subprocess.Popen | None = None

    @property
    def root(self) -> Path:
        return self.folder / "root"

    def console(self) -> bytes:
        """What the process printed, and what was written to its console."""
        files = (self.folder / "output", self.root / "dev/console")
        return self.note.encode() + b"".join(each.read_bytes() for each in files if each.is_file())

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()


class Builders:
    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.allowed: set[str] = set()
        self.plays: dict[str, Play] = {}
        # What an image has of the root of the builder that it was made of.
        self.images: dict[str, Path] = {}

    def entered(self, instance: Instance, state: str) -> None:
        """A machine runs its user data when it boots first, and nothing when it is off."""
        tags = instance.ec2_backend.tags.get(instance.id, {})
        if state == "running" and TAG in tags and instance.id not in self.plays:
            self.plays[instance.id] = self._play(instance)
        elif state in ENDED and instance.id in self.plays:
            self.plays[instance.id].stop()

    def imaged(self, instance_id: str, image_id: str) -> None:
        if instance_id in self.plays:
            self.images[image_id] = Path(tempfile.mkdtemp(prefix="image-")) / "root"
            shutil.copytree(self.plays[instance_id].root, self.images[image_id], symlinks=True)

    def root(self, instance_id: str) -> Path:
        return self.plays[instance_id].root

    def console(self, instance_id: str) -> bytes:
        return self.plays[instance_id].console() if instance_id in self.plays else b""

    def reset(self) -> None:
        """What is played goes on; what was is forgotten, with its folder."""
        self.allowed.clear()
        for instance_id, play in list(self.plays.items()):
            if play.process is None or play.process.poll() is not None:
                shutil.rmtree(play.folder, ignore_errors=True)
                del self.plays[instance_id]

    def stop(self) -> None:
        for play in self.plays.values():
            play.stop()

    def _play(self, instance: Instance) -> Play:
        play = Play(Path(tempfile.mkdtemp(prefix="builder-")))
        data = base64.b64decode(instance.user_data.as_bytes()) if instance.user_data else b""
        found = read_user_data(data, self.endpoint)
        script = make_root(play.root, self.images.get(instance.image_id), data, found.script)
        if found.script is None or not is_known(found.theirs, self.allowed):
            play.note = UNKNOWN
            return play
        (play.folder / "work").mkdir()
        with open(play.folder / "output", "ab") as output:
            play.process = subprocess.Popen(
                ["/bin/sh", "-c", GUARD, str(script)],
                cwd=play.folder / "work",
                env=self._environment(instance, play.root),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return play

    def _environment(self, instance: Instance, root: Path) -> dict[str, str]:
        """Nothing of this server's own."""
        region = instance.ec2_backend.region_name
        tools = [os.path.dirname(each) for each in map(shutil.which, ("curl", "python3")) if each]
        return {
            "PATH": os.pathsep.join(dict.fromkeys([str(STAND_INS), "/usr/bin", "/bin", *tools])),
            "HOME": str(root / "root"),
            "TMPDIR": str(root / "tmp"),
            "AMITY_ROOT": str(root),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            **_credentials(instance),
        }


def _credentials(instance: Instance) -> dict[str, str]:
    """Of the role in the instance's profile, as the metadata of an instance have them."""
    held = getattr(instance, "iam_instance_profile", None) or {}
    profile = iam._lookup_instance_profile(arn=held.get("Arn", "")) or {"Roles": []}
    for name in profile["Roles"]:
        made = start_session(iam._roles[name]["Arn"])
        return {
            "AWS_ACCESS_KEY_ID": made["accessKeyId"],
            "AWS_SECRET_ACCESS_KEY": made["secretAccessKey"],
            "AWS_SESSION_TOKEN": made["sessionToken"],
        }
    return {}
