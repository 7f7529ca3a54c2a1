#!/bin/sh
# PostgreSQL's archive_command: archive-wal.sh %p %f. Copies a finished segment of the write-ahead log (WAL) into
# $BACKUP_DIRECTORY/wal. PostgreSQL keeps the segment, and tries again, until this script exits with 0.
set -eu
source=$1
target=${BACKUP_DIRECTORY:?set BACKUP_DIRECTORY}/wal/$2
mkdir -p "$(dirname "$target")"
# after a crash PostgreSQL may archive the same segment again; a different segment of that name is another cluster's
if [ -e "$target" ]; then exec cmp "$source" "$target"; fi
cp "$source" "$target.part"
sync "$target.part"
mv "$target.part" "$target"
sync "$(dirname "$target")"
