import { expect, it } from '@jest/globals';
import {
  buildAccessRequest,
  createModelCatalogue,
  decideIncrease,
  findIncrease,
  type GrantTerms,
  noLimits,
  parseAiAccess,
  parseGrantedScope,
} from '../src/index.js';

const catalogue = createModelCatalogue();
const now = new Date('2026-03-01T12:00:00Z');
const usd = 1_000_000_000n;
const terms: GrantTerms = {
  tokens: parseGrantedScope('model:openai/* cap:chat'),
  limits: { ...noLimits, maxCost: 3n * usd, maxRequests: 10 },
  expiresAt: new Date('2026-03-02T12:00:00Z'),
};

function ask(details: Readonly<Record<string, unknown>>) {
  const parsed = parseAiAccess({ type: 'ai_access', ...details }, catalogue);
  if (!parsed.ok) throw new Error(parsed.rule);
  return findIncrease(buildAccessRequest({ tokens: [], protocolTokens: [] }, [parsed.request], catalogue), terms, now);
}

it('an update asks only for what the grant does not allow yet', () => {
  const { newTokens, ...rest } = ask({
    models: ['gpt-4o', 'claude-sonnet-4-5'],
    capabilities: ['chat', 'images'],
    max_cost_usd: '5',
    max_requests: 4,
    max_streams: 2,
    expires_in: 3_600,
  });
  expect(newTokens.map(({ text }) => text)).toEqual(['model:claude-sonnet-4-5', 'cap:images']);
  // Fewer requests, a limit where there was none, and an earlier end are no increase.
  expect(rest).toEqual({
    raised: ['maxCost'],
    limits: { ...terms.limits, maxCost: 5n * usd },
    lifetimeSeconds: undefined,
  });
  expect(ask({ expires_in: 86_401 }).lifetimeSeconds).toBe(86_401);
});

it('neither an owner’s choice nor a forged form makes an update larger than the request', () => {
  const increase = ask({ max_cost_usd: '5', models: ['claude-sonnet-4-5'] });
  const decide = (choice: object, used = {}) =>
    decideIncrease(increase, {
      terms,
      used: { maxCost: 0n, maxRequests: 0, ...used },
      choice: { tickedTokens: [], limits: { ...noLimits, maxCost: 4n * usd }, expiresAt: undefined, ...choice },
      now,
    });
  expect(decide({})).toEqual({ outcome: 'granted', ...terms, limits: { ...terms.limits, maxCost: 4n * usd } });
  const forged = { limits: { ...noLimits, maxCost: 4n * usd, maxRequests: 99 }, expiresAt: new Date('2027-01-01') };
  expect(decide(forged)).toMatchObject({ limits: { maxRequests: 10 }, expiresAt: terms.expiresAt });
  for (const [choice, problem] of [
    [{ limits: { ...noLimits, maxCost: 6n * usd } }, { problem: 'limit_above_asked', limit: 'maxCost' }],
    [{ limits: noLimits }, { problem: 'limit_above_asked', limit: 'maxCost' }],
    [{ tickedTokens: ['cap:images'] }, { problem: 'more_than_asked' }],
  ] as const)
    expect(decide(choice)).toMatchObject({ outcome: 'invalid', problems: [problem] });
  expect(decide({}, { maxCost: 4n * usd + 1n })).toMatchObject({
    problems: [{ problem: 'limit_below_used', used: 4n * usd + 1n }],
  });
  expect(decide({}, { maxCost: 4n * usd })).toMatchObject({ outcome: 'granted' });
});
