import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const root = new URL('../../../../', import.meta.url);
/** The text of a file, with its line breaks as spaces. */
const read = (file: string) => readFileSync(fileURLToPath(new URL(file, root)), 'utf8').replaceAll(/\s+/g, ' ');

const guesses = 'packages/authorization-server/src/account/guessing-limits.ts';
const tokens = 'packages/authorization-server/src/oidc/exchange/limit-tokens.ts';
const stored = 'packages/authorization-server/src/oidc/limit-stored-requests.ts';
const stateRate = 'packages/store/functions/take_state_request.sql';
const json = 'packages/resource-proxy/src/json/read-strict-json.ts';
const security = 'docs/security.md';
const guide = 'docs/client-guide.md';

/** A number in the code, and a page that repeats it. */
const repeated: readonly (readonly [file: string, number: RegExp, page: string, text: (value: string) => string])[] = [
  [guesses, /changes = \{ limit: ([\d_]+)/, security, (value) => `makes ${value} changes`],
  [guesses, /signIns = \{ limit: ([\d_]+)/, security, (value) => `an account signs in ${value} times`],
  [stored, /perAccount = ([\d_]+)/, security, (value) => `an account begins ${value} authorization requests`],
  [tokens, /perAccount = ([\d_]+)/, security, (value) => `gets ${value} exchanged tokens`],
  [tokens, /perAccount = ([\d_]+)/, guide, (value) => `the owner's tokens were exchanged ${value} times`],
  [tokens, /perGrant = ([\d_]+)/, security, (value) => `a grant is refreshed ${value} times`],
  [tokens, /perGrant = ([\d_]+)/, guide, (value) => `the grant was refreshed ${value} times`],
  [stateRate, /(\d+) as least_requests/, guide, (value) => `but always at least ${value}`],
  [stateRate, /(\d+) as usual_requests/, guide, (value) => `the grant has no such limit, you may send ${value}`],
  [json, /values: ([\d_]+)/, guide, (value) => `may have ${value} values`],
  [json, /members: ([\d_]+)/, guide, (value) => `${value} members`],
  [json, /depth: ([\d_]+)/, guide, (value) => `${value} levels`],
  [json, /escapes: ([\d_]+)_000_000/, guide, (value) => `${value} million escapes`],
  [json, /textBytes: ([\d_]+) \* 1024 \* 1024/, guide, (value) => `${value} MB that is not base64`],
];

it.each(repeated)('%s: the number %p is the same in %s', (file, number, page, text) => {
  const value = number.exec(read(file))?.[1]?.replaceAll('_', '') ?? 'missing';
  expect(read(page)).toContain(text(Number(value).toLocaleString('en')));
});

it('the API description names every reason for which an answer is cut off, and no other', () => {
  const union = /type CutOff = ([^;]+);/.exec(read('packages/store/src/ledger/cut-off.ts'))?.[1] ?? '';
  const [, description = ''] =
    /cut_off: \{[^}]*description: '([^']+)'/.exec(read('openapi/authorization-server.yaml')) ?? [];
  const list = (text: string, quote: string) => text.split(quote).filter((_, index) => index % 2 === 1);
  const reasons = list(union, "'");
  expect(reasons.length).toBeGreaterThan(5);
  expect(list(description, '`').sort()).toEqual(reasons.sort());
});
