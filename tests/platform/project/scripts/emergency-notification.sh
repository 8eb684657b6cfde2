#!/bin/bash
# Tells the people on call, at once: emergency-notification.sh MESSAGE
. "$(dirname "$0")/notify.sh"
notify emergency "${1:-}"
