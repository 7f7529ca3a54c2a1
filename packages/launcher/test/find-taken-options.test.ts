import { expect, it } from '@jest/globals';
import { makePlace, runCommand } from './launcher-process.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const makeDirectory = useTemporaryDirectories();

it('says that -- is missing if npm has taken an option for itself, and then does nothing', async () => {
  const place = await makePlace(makeDirectory());
  const run = (taken: Readonly<Record<string, string>>, ...args: readonly string[]) =>
    runCommand({ ...place, npm_lifecycle_event: 'aipassport', ...taken }, ...args);
  expect(run({ npm_config_note: 'Bob' }, 'accounts', 'invite')).toMatchObject({
    status: 1,
    stderr: 'npm took --note for itself. Write -- before the command: npm run aipassport -- accounts ...\n',
  });
  expect(run({ npm_config_max_cost_per_month: '5' }, 'accounts', 'create', 'a@example.com').stderr).toContain(
    'npm took --max-cost-per-month for itself.',
  );
  // a setting of npm itself, and an option that has reached the command
  for (const args of [
    ['keys', 'list'],
    ['drop-ledger', '--before', 'never'],
  ])
    expect(run({ npm_config_before: '2026-01-01' }, ...args).stderr).not.toContain('for itself');
});
