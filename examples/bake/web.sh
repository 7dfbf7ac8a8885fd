#!/bin/bash
# Provisions a web server: what the image of service-web is to have. On an account, once Amity is deployed:
#   curl --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
#     -H "x-amz-security-token: $AWS_SESSION_TOKEN" -H 'content-type: application/json' \
#     -d @examples/bake/web.json "$BAKE_API_URL"
set -euo pipefail

dnf install -y nginx
cat >"${AMITY_ROOT:-}/etc/motd" <<'MOTD'
This machine was baked by Amity.
MOTD
systemctl enable nginx
