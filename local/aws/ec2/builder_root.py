"""What a builder's script takes for `/`: a folder that looks like a machine that has just booted.

Files as cloud-init, sshd and systemd leave them:
https://docs.cloud-init.io/en/latest/reference/user_files.html.
"""

import shutil
from pathlib import Path
from uuid import uuid4

SSH_KEY = "etc/ssh/ssh_host_ed25519_key"
BOOT_LOG = "Cloud-init v. 24.4 running 'modules:final'\n"


def make_root(root: Path, image: Path | None, data: bytes, script: str | None) -> Path:
    """The folder, made from what an image has of its own builder; returns the file of the script."""
    if image is not None and image.is_dir():
        shutil.copytree(image, root, symlinks=True)
    if not _text(root / "etc/machine-id") or _text(root / "etc/machine-id") == "uninitialized":
        _write(root / "etc/machine-id", f"{uuid4().hex}\n")
    if not (root / SSH_KEY).exists():
        key = uuid4().hex
        _write(root / SSH_KEY, f"-----BEGIN OPENSSH PRIVATE KEY-----\n{key}\n-----END OPENSSH PRIVATE KEY-----\n", 0o600)
        _write(root / f"{SSH_KEY}.pub", f"ssh-ed25519 {key} root@builder\n")
    instance = root / "var/lib/cloud/instance"
    _write(instance / "user-data.txt", data.decode("utf-8", "replace"), 0o600)
    _write(instance / "scripts/part-001", script or "", 0o700)
    _write(root / "var/log/cloud-init.log", BOOT_LOG)
    _write(root / "var/log/cloud-init-output.log", BOOT_LOG)
    _write(root / "dev/console", "")
    for name in ("root", "tmp"):
        (root / name).mkdir(exist_ok=True)
    return instance / "scripts/part-001"


def _text(path: Path) -> str:
    return path.read_text().strip() if path.is_file() else ""


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
