import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { auditEventKinds } from '@aipassport/store/authorization';
import { expect, it } from '@jest/globals';

const packages = fileURLToPath(new URL('../../../', import.meta.url));

/** These tests write events themselves, and drive no act. */
const without = ['audit-seals.test.ts', 'audit.test.ts', 'sealing.test.ts'];

it('G2: for each kind of event, a test drives the act and looks for the event in the audit log', () => {
  const texts = readdirSync(packages).flatMap((name) => {
    const directory = path.join(packages, name, 'test');
    const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
    return files
      .filter((file) => file.endsWith('.test.ts') && !without.includes(path.basename(file)))
      .map((file) => readFileSync(path.join(directory, file), 'utf8'));
  });
  expect(auditEventKinds.filter((kind) => !texts.some((text) => new RegExp(`\\b${kind}\\b`).test(text)))).toEqual([]);
});
