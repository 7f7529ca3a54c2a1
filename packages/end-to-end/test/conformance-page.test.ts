import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const text = readFileSync(path.join(root, 'docs/conformance.md'), 'utf8');

it('every test file that the conformance page names exists', () => {
  const packages = readdirSync(path.join(root, 'packages')).map((name) => path.join(root, 'packages', name, 'test'));
  const files = packages.flatMap((folder) => {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return names.map((name) => path.relative(path.join(root, 'packages'), path.join(folder, name)));
  });
  const named = [...text.matchAll(/`([\w/-]+\.test\.ts)`/g)].map(([, file = '']) => file);
  expect(named.length).toBeGreaterThan(60);
  expect(named.filter((file) => !files.some((one) => one === file || one.endsWith(`/${file}`)))).toEqual([]);
});

it('each row of the conformance page names a test if its specification is met, wholly or partly', () => {
  const rows = text.split('\n').filter((line) => /^\| .*\| (met|partly)\b/.test(line) && !line.endsWith('| test |'));
  expect(rows.length).toBeGreaterThan(25);
  expect(rows.filter((row) => !row.includes('.test.ts`'))).toEqual([]);
});
