#!/bin/bash
# Tells the people on call, at once: emergency-notification.sh MESSAGE
# shellcheck source=notify.sh
. "$(dirname "$0")/notify.sh"
notify emergency "${1:-}"
