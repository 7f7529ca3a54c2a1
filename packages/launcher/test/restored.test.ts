import { expect, it } from '@jest/globals';
import { listTasks } from '../src/commands/restored.js';

const account = { endedGrants: 0, requests: 0, cost: 0n, hasOldSignIn: false, endedApiKeys: [] };

it('after a replay, the command says what people have to do, and nothing more', () => {
  const accounts = [
    { ...account, email: 'one@example.com', hasOldSignIn: true },
    { ...account, email: 'two@example.com', endedApiKeys: ['anthropic', 'openai'] },
  ];
  expect(listTasks({ accounts, endedSecrets: ['an-app'] }, 'resource-proxy')).toEqual([
    expect.stringMatching(/^Sign-in as in the backup.*: one@example\.com\.$/),
    expect.stringMatching(/^API keys.*: two@example\.com \(anthropic\), two@example\.com \(openai\)\.$/),
    expect.stringMatching(/^Clients whose secret.*: an-app\.$/),
  ]);
  expect(listTasks({ accounts: [], endedSecrets: [] }, 'resource-proxy')).toEqual([]);
});

it('after a replay that ended the secret of the proxies, the command says that `aipassport init` must run first', () => {
  const tasks = listTasks({ accounts: [], endedSecrets: ['resource-proxy'] }, 'resource-proxy');
  expect(tasks).toEqual([expect.stringContaining('Run `aipassport init` before you start them.')]);
});
