import { expect, it } from '@jest/globals';
import { AccessRevokedError } from '../src/access-error.js';
import { readRefusal } from '../src/read-refusal.js';

const context = { issuer: 'https://issuer.example', end: new AccessRevokedError() };
const page = 'https://issuer.example/account/grants/g1';

it.each([
  ['max_requests', 'requests'],
  ['max_cost_usd', 'budget'],
  ['max_cost_usd_per_day', 'day_budget'],
  ['max_cost_usd_per_month', 'month_budget'],
  ['account', 'account_budget'],
  ['operator', 'operator_budget'],
])('a 402 for the limit %s is read as %s, from the header and from each kind of body', async (name, limit) => {
  const message = `No budget is left. The owner can grant more: ${page}`;
  const headers = new Headers({ 'aipassport-limit': name });
  const google = { error: { message, details: [{ reason: 'BUDGET_EXHAUSTED', metadata: { limit: name } }] } };
  for (const refusal of [
    Response.json({ error: { message } }, { status: 402, headers }),
    Response.json({ type: 'error', error: { message, details: { limit: name } } }, { status: 402 }),
    Response.json(google, { status: 402 }),
    Object.assign(new Error(message), { status: 402, headers }),
    // as Google's SDK writes it
    Object.assign(new Error(JSON.stringify({ error: { message: JSON.stringify(google) } })), { status: 402 }),
  ])
    expect(await readRefusal(refusal, context)).toMatchObject({ limit, pageUrl: page });
});

it('a link to another origin than the issuer’s is not shown', async () => {
  const message = 'Pay here: https://attacker.example/pay https://issuer.example.attacker.example/';
  const headers = { 'aipassport-limit': 'max_cost_usd' };
  const refusal = Response.json({ error: { message } }, { status: 402, headers });
  expect(await readRefusal(refusal, context)).toMatchObject({ limit: 'budget', pageUrl: undefined });
});

it('errors of the AI provider and successful answers are not read as refusals of the proxy', async () => {
  const refusals = [
    Response.json({ error: { message: 'You exceeded your quota', code: 'insufficient_quota' } }, { status: 429 }),
    Response.json({ error: { message: 'Forbidden in your country' } }, { status: 403 }),
    Response.json({}),
    new TypeError('fetch failed'),
    undefined,
  ];
  for (const refusal of refusals) expect(await readRefusal(refusal, context)).toBeUndefined();
});

it('an error that an SDK wraps is found among its causes', async () => {
  const wrapped = new Error('Connection error.', { cause: new Error('retried', { cause: context.end }) });
  expect(await readRefusal(wrapped, context)).toBe(context.end);
});
