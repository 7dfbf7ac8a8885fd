#!/bin/bash
# Provisions a web server: what the image of service-web is to have.
set -euo pipefail

dnf install -y nginx
cat >"${AMITY_ROOT:-}/etc/motd" <<'MOTD'
This machine was baked by Amity.
MOTD
systemctl enable nginx
