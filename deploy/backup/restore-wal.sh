#!/bin/sh
# PostgreSQL's restore_command: restore-wal.sh %f %p. Fails for a segment that the archive lacks, which
# tells PostgreSQL that the log ends there.
set -eu
exec cp "${BACKUP_DIRECTORY:?set BACKUP_DIRECTORY}/wal/$1" "$2"
