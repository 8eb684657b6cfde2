#!/bin/bash
# Tells those who wait for news: notify-stakeholders.sh EVENT
. "$(dirname "$0")/notify.sh"
notify stakeholders "${1:-}"
