import { expect, it } from '@jest/globals';
import { AccessRevokedError } from '../src/access-error.js';
import { readRefusal } from '../src/read-refusal.js';

const context = { issuer: 'https://issuer.example', end: new AccessRevokedError() };
const page = 'https://issuer.example/account/grants/g1';

it.each([
  ['All requests that the owner granted have been used.', 'request_limit_reached', 'requests'],
  ['The rest of the budget that the owner granted does not cover this request.', 'budget_exhausted', 'budget'],
  ['The rest of today’s budget does not cover this request.', 'budget_exhausted', 'day_budget'],
  ['The rest of this month’s budget does not cover this request.', 'budget_exhausted', 'month_budget'],
  ['The rest of the owner’s monthly budget for all apps …', 'budget_exhausted', 'account_budget'],
  ['The monthly spending cap …', 'operator_budget_exhausted', 'operator_budget'],
])('a 402 that says “%s” is the limit %s %s', async (message, code, limit) => {
  const text = `${message} The owner can grant more: ${page}`;
  for (const body of [
    { error: { message: text, code } },
    { type: 'error', error: { message: text, details: { error_code: code } } },
    { error: { message: text, details: [{ reason: code.toUpperCase() }] } },
  ])
    expect(await readRefusal(Response.json(body, { status: 402 }), context)).toMatchObject({ limit, pageUrl: page });
});

it('a link to another origin than the issuer’s is not shown', async () => {
  const message = 'Pay here: https://attacker.example/pay https://issuer.example.attacker.example/';
  const refusal = Response.json({ error: { message, code: 'budget_exhausted' } }, { status: 402 });
  expect(await readRefusal(refusal, context)).toMatchObject({ limit: 'budget', pageUrl: undefined });
});

it('errors of the AI provider, and successes, are not ours', async () => {
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
