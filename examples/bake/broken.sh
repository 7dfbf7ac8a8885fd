#!/bin/bash
# A provisioning that goes wrong: its last lines are in the AmiFailed.
set -euo pipefail

echo "Installing what there is not"
echo "No match for argument: no-such-package" >&2
exit 1
