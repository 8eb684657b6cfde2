#!/bin/sh
echo "$# argument: $1" >>said
[ "$(wc -l <said)" = 3 ]
