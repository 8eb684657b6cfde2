#!/bin/bash
# Tells those who wait for news: notify-stakeholders.sh EVENT
# shellcheck source=notify.sh
. "$(dirname "$0")/notify.sh"
notify stakeholders "${1:-}"
