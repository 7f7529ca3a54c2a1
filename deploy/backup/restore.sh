#!/bin/sh
# Prepares a data directory from a base backup: restore.sh <base backup> <new data directory> [time].
# When PostgreSQL starts on it, it applies the archived changes: all of them, or those up to the time, such as
# '2026-03-01 12:00:00+00'. Then it accepts connections. Run this as the user that runs PostgreSQL.
set -eu
backup=$1
data=$2
time=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
archive=${BACKUP_DIRECTORY:?set BACKUP_DIRECTORY}
if [ -e "$data" ] && [ -n "$(ls -A "$data")" ]; then echo "$data is not empty" >&2; exit 1; fi
mkdir -p "$data"
chmod 700 "$data"
cp -R "$backup/." "$data/"
settings=$data/postgresql.auto.conf
# Remove the settings of an earlier restore, which the backup contains.
grep -vE '^(restore_command|recovery_target_)' "$settings" > "$settings.new" || true
mv "$settings.new" "$settings"
{
  echo "restore_command = 'BACKUP_DIRECTORY=\"$archive\" \"$here/restore-wal.sh\" %f %p'"
  echo "recovery_target_action = 'promote'"
  if [ -n "$time" ]; then echo "recovery_target_time = '$time'"; fi
} >> "$settings"
touch "$data/recovery.signal"
