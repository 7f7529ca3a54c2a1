import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { auditEventKinds } from '@aipassport/store/authorization';
import { expect, it } from '@jest/globals';

const packages = fileURLToPath(new URL('../../../', import.meta.url));

/** These tests insert audit events directly. They do not show that the servers record such events. */
const without = ['audit-seals.test.ts', 'audit-accounts.test.ts', 'audit.test.ts', 'sealing.test.ts'];

// The ids at the beginning of titles are rows of docs/security.md.
it('G2: each kind of audit event is named in a test, not counting tests that write events themselves', () => {
  const texts = readdirSync(packages).flatMap((name) => {
    const directory = path.join(packages, name, 'test');
    const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
    return files
      .filter((file) => file.endsWith('.test.ts') && !without.includes(path.basename(file)))
      .map((file) => readFileSync(path.join(directory, file), 'utf8'));
  });
  expect(auditEventKinds.filter((kind) => !texts.some((text) => new RegExp(`\\b${kind}\\b`).test(text)))).toEqual([]);
});
