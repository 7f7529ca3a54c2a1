#!/bin/sh
# prune.sh <count>: keeps the newest <count> base backups and the WAL since the oldest of them, and removes the rest.
set -eu
count=$1
case $count in ''|*[!0-9]*|0) echo "say how many base backups to keep" >&2; exit 1 ;; esac
archive=${BACKUP_DIRECTORY:?set BACKUP_DIRECTORY}
cd "$archive/base"
kept=$(ls -d ./*Z | sort | tail -n "$count")
for backup in $(ls -d ./*Z | sort); do
  case "
$kept
" in *"
$backup
"*) ;; *) rm -rf "$backup" ;; esac
done
oldest=$(echo "$kept" | head -n 1)
# START WAL LOCATION: 0/2000028 (file 000000010000000000000002)
first=$(sed -n 's/^START WAL LOCATION: .* (file \([0-9A-F]*\))$/\1/p' "$oldest/backup_label")
pg_archivecleanup "$archive/wal" "$first"
