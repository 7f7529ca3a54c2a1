#!/bin/sh
# PostgreSQL's restore_command: restore-wal.sh %f %p. Fails for a segment that is not in the archive: there the log ends.
set -eu
exec cp "${BACKUP_DIRECTORY:?set BACKUP_DIRECTORY}/wal/$1" "$2"
