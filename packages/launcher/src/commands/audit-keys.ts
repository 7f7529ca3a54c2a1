import path from 'node:path';
import { parseAuditKeys } from '@aipassport/authorization-server/operating';
import type { AuditKeys } from '@aipassport/store';
import type { LauncherEnvironment } from '../environment.js';
import { locateKeyFiles } from '../keys/key-files.js';
import { readKeyFile } from '../keys/key-json.js';

/** Reads the file with the keys that seal the audit log. */
export function readAuditKeys({ AUDIT_KEYS_FILE, AIPASSPORT_DATA }: LauncherEnvironment): AuditKeys {
  const file = AUDIT_KEYS_FILE ?? locateKeyFiles(path.resolve(AIPASSPORT_DATA, 'keys')).audit.keys;
  return readKeyFile(file, parseAuditKeys);
}
