#!/bin/sh
# Makes a base backup in $BACKUP_DIRECTORY/base, named after the time of its start, and checks it. The variables of
# libpq (PGHOST, PGUSER, PGPASSFILE ...) say how to connect. The role needs the attribute REPLICATION.
set -eu
base=${BACKUP_DIRECTORY:?set BACKUP_DIRECTORY}/base
name=$(date -u +%Y%m%dT%H%M%SZ)
mkdir -p "$base"
rm -rf "$base"/*.part
pg_basebackup --pgdata "$base/$name.part" --checkpoint fast --wal-method stream --no-password
pg_verifybackup --quiet "$base/$name.part"
mv "$base/$name.part" "$base/$name"
echo "$base/$name"
