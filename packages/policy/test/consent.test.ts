import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type AccessRequest,
  buildAccessRequest,
  type ConsentChoice,
  createModelCatalogue,
  decideConsent,
  formatAiAccess,
  limitKinds,
  limitTable,
  listChoiceProblems,
  noLimits,
  parseAiAccess,
  parseGrantedScope,
} from '../src/index.js';

const catalogue = createModelCatalogue();
const now = new Date('2026-01-01T00:00:00Z');
const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1_000);

function request(changes: Partial<AccessRequest> = {}): AccessRequest {
  const tokens = parseGrantedScope('model:gpt-4o model:gpt-4o-mini cap:chat cap:images');
  return { tokens, choosable: [], limits: noLimits, lifetimeSeconds: undefined, reason: undefined, ...changes };
}
function choice(changes: Partial<ConsentChoice> = {}): ConsentChoice {
  return { tickedTokens: ['model:gpt-4o', 'cap:chat'], limits: noLimits, expiresAt: inSeconds(3_600), ...changes };
}
const problemOf = (asked: AccessRequest, chosen: ConsentChoice) => {
  const decision = decideConsent(asked, chosen, now);
  return decision.outcome === 'invalid' ? decision.problems.map(({ problem }) => problem).join(' ') : decision.outcome;
};

it('grants the ticked models and capabilities, with the chosen limits', () => {
  const limits = { ...noLimits, maxRequests: 10, maxCost: 5n };
  expect(decideConsent(request(), choice({ limits }), now)).toEqual({
    outcome: 'granted',
    tokens: parseGrantedScope('model:gpt-4o cap:chat'),
    limits,
    expiresAt: inSeconds(3_600),
  });
});

it('asks again when nothing usable is ticked', () => {
  expect(problemOf(request(), choice({ tickedTokens: [] }))).toBe('nothing_usable');
  expect(problemOf(request(), choice({ tickedTokens: ['model:gpt-4o'] }))).toBe('nothing_usable');
  expect(problemOf(request(), choice({ tickedTokens: ['cap:chat'] }))).toBe('nothing_usable');
});

it.each([
  [
    'a token that was not asked for',
    {},
    { tickedTokens: ['model:gpt-4o', 'cap:chat', 'cap:audio'] },
    'more_than_asked',
  ],
  ['an end in the past', {}, { expiresAt: inSeconds(-1) }, 'expiry_in_the_past'],
  ['an invalid end', {}, { expiresAt: new Date('nonsense') }, 'expiry_in_the_past'],
  ['a longer lifetime than was asked for', { lifetimeSeconds: 60 }, { expiresAt: inSeconds(61) }, 'expiry_too_late'],
  ['a lifetime of more than a year', {}, { expiresAt: inSeconds(31_536_001) }, 'expiry_too_late'],
  [
    'a limit above what was asked',
    { limits: { ...noLimits, maxRequests: 5 } },
    { limits: { ...noLimits, maxRequests: 6 } },
    'limit_above_asked',
  ],
  ['no limit where one was proposed', { limits: { ...noLimits, maxRequests: 5 } }, {}, 'limit_above_asked'],
  ['a limit of zero', {}, { limits: { ...noLimits, maxRequests: 0 } }, 'limit_out_of_bounds'],
  [
    'a limit above all bounds, which the form gives for an amount that is too large',
    { limits: { ...noLimits, maxCost: 5n } },
    { limits: { ...noLimits, maxCost: limitTable.maxCost.max + 1n } },
    'limit_out_of_bounds',
  ],
  [
    'a limit that is no number',
    {},
    { limits: { ...noLimits, maxRequestsPerMinute: Number.NaN } },
    'limit_out_of_bounds',
  ],
])('refuses %s', (_name, asked, chosen, problem) => {
  expect(problemOf(request(asked), choice(chosen))).toBe(problem);
});

it('names the limit that is invalid, and refuses an end in the past', () => {
  const limits = { ...noLimits, maxRequests: 5, maxCostPerDay: 0n };
  const wrong = { problem: 'limit_out_of_bounds', limit: 'maxCostPerDay' };
  expect(decideConsent(request(), choice({ limits }), now)).toEqual({ outcome: 'invalid', problems: [wrong] });
  const free = { limits: noLimits, lifetimeSeconds: undefined };
  expect(listChoiceProblems(free, { limits, expiresAt: inSeconds(60) }, now)).toEqual([wrong]);
  expect(listChoiceProblems(free, { limits: noLimits, expiresAt: inSeconds(60) }, now)).toEqual([]);
  expect(listChoiceProblems(free, { limits: noLimits, expiresAt: inSeconds(0) }, now)).toEqual([
    { problem: 'expiry_in_the_past' },
  ]);
});

it('lists all problems of a choice at once', () => {
  const asked = request({ limits: { ...noLimits, maxRequests: 5 }, lifetimeSeconds: 60 });
  const limits = { ...noLimits, maxRequests: 6, maxCost: 0n };
  expect(problemOf(asked, choice({ tickedTokens: ['cap:chat', 'cap:audio'], limits }))).toBe(
    'more_than_asked nothing_usable limit_out_of_bounds limit_above_asked expiry_too_late',
  );
});

it('never grants more than was requested, even if the form contains something else', () => {
  const names = [
    'model:gpt-4o',
    'model:gpt-4o-mini',
    'model:openai/*',
    'cap:chat',
    'cap:images',
    'cap:code',
    'nonsense',
  ];
  const limit = fc.option(fc.integer({ min: -1, max: 100 }), { nil: undefined });
  const amount = fc.option(fc.bigInt({ min: -1n, max: 100n }), { nil: undefined });
  const limits = fc.record({
    maxRequests: limit,
    maxRequestsPerMinute: limit,
    maxTokensPerMinute: limit,
    maxStreams: limit,
    maxCost: amount,
    maxCostPerDay: amount,
    maxCostPerMonth: amount,
  });
  fc.assert(
    fc.property(
      fc.subarray(names),
      fc.subarray(names),
      limits,
      limits,
      fc.integer({ min: 60, max: 7_200 }),
      fc.integer({ min: -60, max: 9_000 }),
      (askedNames, tickedTokens, askedLimits, chosenLimits, lifetimeSeconds, chosenSeconds) => {
        const asked = {
          tokens: parseGrantedScope(askedNames.join(' ')),
          choosable: [],
          limits: askedLimits,
          lifetimeSeconds,
          reason: undefined,
        };
        const decision = decideConsent(
          asked,
          { tickedTokens, limits: chosenLimits, expiresAt: inSeconds(chosenSeconds) },
          now,
        );
        if (decision.outcome !== 'granted') return;
        expect(asked.tokens).toEqual(expect.arrayContaining([...decision.tokens]));
        expect(decision.expiresAt.getTime()).toBeLessThanOrEqual(inSeconds(lifetimeSeconds).getTime());
        for (const kind of limitKinds) {
          const asked = askedLimits[kind];
          if (asked !== undefined) expect(decision.limits[kind]).toBeLessThanOrEqual(asked);
        }
      },
    ),
  );
});

describe('authorization_details of type ai_access (RFC 9396)', () => {
  const amountRule = 'must be an amount of US dollars above 0, at most 1000000, with at most 9 decimals';

  it('are combined with the scope, and the strictest of several limits counts', () => {
    const details = [
      {
        type: 'ai_access',
        models: ['gpt-4o', 'openai/gpt-4o-mini'],
        capabilities: ['chat'],
        max_requests: 10,
        expires_in: 600,
        reason: ' To \u202esummarise\nyour notes ',
      },
      { type: 'ai_access', max_requests: 7, max_requests_per_minute: 3, max_cost_usd: 0.1 },
      { type: 'ai_access', max_cost_usd: '0.25', max_streams: 2 },
    ].map((detail) => {
      const parsed = parseAiAccess(detail, catalogue);
      if (!parsed.ok) throw new Error(parsed.rule);
      return parsed.request;
    });
    const asked = buildAccessRequest(
      { tokens: parseGrantedScope('model:gpt-4o cap:images'), protocolTokens: [] },
      details,
      catalogue,
    );
    expect(asked?.tokens.map(({ text }) => text)).toEqual([
      'model:gpt-4o',
      'cap:images',
      'model:openai/gpt-4o-mini',
      'cap:chat',
    ]);
    expect(asked).toMatchObject({
      limits: { maxRequests: 7, maxRequestsPerMinute: 3, maxCost: 100_000_000n, maxStreams: 2 },
      lifetimeSeconds: 600,
      reason: 'To summarise your notes',
    });
  });

  it.each([
    [{ max_requests: 0 }, 'max_requests', 'must be a whole number from 1 to 1000000000'],
    [{ max_requests: '5' }, 'max_requests', 'must be a whole number from 1 to 1000000000'],
    [{ max_requests: Number.POSITIVE_INFINITY }, 'max_requests', 'must be a whole number from 1 to 1000000000'],
    [{ max_requests_per_minute: 1.5 }, 'max_requests_per_minute', 'must be a whole number from 1 to 100000'],
    [{ max_streams: 0 }, 'max_streams', 'must be a whole number from 1 to 1000'],
    [{ expires_in: 59 }, 'expires_in', 'must be a whole number of seconds from 60 to 31536000'],
    [{ expires_in: 31_536_001 }, 'expires_in', 'must be a whole number of seconds from 60 to 31536000'],
    [{ models: ['gpt-4o', 'gpt-9'] }, 'models[1]', 'must be a known model'],
    [{ models: 'gpt-4o' }, 'models', 'must be a list of at most 100 texts'],
    [{ models: Array.from({ length: 101 }, () => 'gpt-4o') }, 'models', 'must be a list of at most 100 texts'],
    [{ models: [['gpt-4o']] }, 'models[0]', 'must be a known model'],
    [
      { capabilities: ['gpt-4o'] },
      'capabilities[0]',
      'must be one of chat, embeddings, images, audio, code, files, tools.web',
    ],
    [{ reason: 'x'.repeat(301) }, 'reason', 'must be a text of at most 300 characters'],
    [
      { 'max_"cost': 5 },
      '',
      'must have no other members than type, models, capabilities, expires_in, reason, max_cost_usd, max_requests, ' +
        'max_cost_usd_per_month, max_cost_usd_per_day, max_requests_per_minute, max_tokens_per_minute, max_streams',
    ],
    [{ max_cost_usd: 0 }, 'max_cost_usd', amountRule],
    [{ max_cost_usd: -1 }, 'max_cost_usd', amountRule],
    [{ max_cost_usd: 1e-10 }, 'max_cost_usd', amountRule],
    [{ max_cost_usd: 1_000_001 }, 'max_cost_usd', amountRule],
    [{ max_cost_usd_per_month: '1,5' }, 'max_cost_usd_per_month', amountRule],
  ])('with %j are refused, and the refusal names the member and the allowed values', (detail, member, rule) => {
    expect(parseAiAccess({ type: 'ai_access', ...detail }, catalogue)).toEqual({ ok: false, member, rule });
  });

  it('list the granted models, capabilities and limits', () => {
    const tokens = parseGrantedScope('model:gpt-4o model:google/* cap:chat');
    expect(formatAiAccess(tokens, { ...noLimits, maxRequests: 5, maxCostPerDay: 1_500_000_000n }, now)).toEqual({
      type: 'ai_access',
      models: ['gpt-4o', 'google/*'],
      capabilities: ['chat'],
      max_requests: 5,
      max_cost_usd_per_day: '1.5',
      expires_at: 1_767_225_600,
    });
  });
});

it('lets the owner choose models or capabilities only if the request names none', () => {
  const kindsLeft = (scope: string) => {
    const { choosable } = buildAccessRequest({ tokens: parseGrantedScope(scope), protocolTokens: [] }, [], catalogue);
    return [...new Set(choosable.map(({ kind }) => kind))].sort();
  };
  expect(kindsLeft('')).toEqual(['all-models', 'capability', 'model']);
  expect(kindsLeft('cap:chat')).toEqual(['all-models', 'model']);
  expect(kindsLeft('model:gpt-4o')).toEqual(['capability']);
  expect(kindsLeft('model:openai/* cap:chat')).toEqual([]);
  const asked = buildAccessRequest({ tokens: parseGrantedScope('cap:chat'), protocolTokens: [] }, [], catalogue);
  const decide = (...tickedTokens: string[]) => problemOf(asked, choice({ tickedTokens }));
  expect(decide('cap:chat', 'model:gpt-4o')).toBe('granted');
  expect(decide('cap:chat')).toBe('nothing_usable');
  expect(decide('cap:chat', 'model:gpt-4o', 'cap:images')).toBe('more_than_asked');
});

it('offers only models with a capability that the client asks for', () => {
  const { choosable } = buildAccessRequest(
    { tokens: parseGrantedScope('cap:embeddings'), protocolTokens: [] },
    [],
    catalogue,
  );
  const texts = choosable.map(({ text }) => text);
  expect(texts).toEqual(expect.arrayContaining(['model:text-embedding-3-small', 'model:openai/*', 'model:google/*']));
  expect(texts).not.toContain('model:gpt-4o');
  expect(texts).not.toContain('model:anthropic/*'); // Anthropic has no embeddings
});
