#!/bin/bash
# Runs on an instance of the new image: an image whose web server does not start is announced to nobody.
set -euo pipefail

systemctl is-enabled nginx
systemctl start nginx
grep -q 'baked by Amity' "${AMITY_ROOT:-}/etc/motd"
