import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const namesFile = `${root}packages/policy/src/catalogue/names.ts`;

it('if the npm registry cannot be reached, update:catalogue says so, checks the installed list, and changes nothing', async () => {
  const before = readFileSync(namesFile, 'utf8');
  const { status, output } = await new Promise<{ status: unknown; output: string }>((resolve) => {
    const env = { ...process.env, npm_config_registry: 'http://127.0.0.1:9' };
    execFile('node', ['scripts/update-catalogue.mjs'], { cwd: root, env }, (error, stdout) =>
      resolve({ status: error?.code, output: stdout }),
    );
  });
  expect(status).toBe(1);
  expect(output).toMatch(/The npm registry cannot be reached: prices stay those of @pydantic\/genai-prices [\d.]+\./);
  expect(output).toContain('Models and versions that are served from now on: 0');
  expect(readFileSync(namesFile, 'utf8')).toBe(before);
});
