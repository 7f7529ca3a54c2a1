import path from 'node:path';
import { authorizationServerPaths, loadSpecification, type SpecificationName } from '@aipassport/contracts';
import { countedKinds, type LimitKind, limitKinds, limitTable } from '@aipassport/policy';
import { describe, expect, it } from '@jest/globals';
import { listSources, packages, withoutComments } from './harness/list-sources.js';

/** The packages in which some facts have one table. Other code takes them from it, instead of naming each of them. */
const names = ['contracts', 'policy', 'store', 'authorization-server', 'resource-proxy', 'launcher'] as const;

/** The clients. They import none of our packages, so they name limits as any app does. */
const clients = ['client', 'demo-app'] as const;

const sources = [...names, ...clients]
  .flatMap(listSources)
  .filter((file) => !file.endsWith('.generated.ts'))
  .map((file) => ({ file: path.relative(packages, file), text: withoutComments(file) }));

/**
 * The only files that name two or more kinds of limits.
 * `compiled`: tables that do not compile if a kind is missing. `complete`: they name every kind, as the test checks.
 * `counted`: they name every limit on an amount that is used up, as the test checks.
 * `some`: the file is about the limits that it names.
 */
const limitPlaces: Readonly<Record<string, 'compiled' | 'complete' | 'counted' | 'some'>> = {
  'policy/src/limits/limit-table.ts': 'complete',
  'authorization-server/src/limits/limit-words.ts': 'compiled',
  'authorization-server/src/texts/en/limits.ts': 'compiled',
  'authorization-server/src/texts/de/limits.ts': 'compiled',
  // The overall limit of an account, and the amount that is filled in for new apps.
  'authorization-server/src/api/account.ts': 'some',
  'authorization-server/src/activity/describe-changes.ts': 'some',
  // The amount whose uses the page explains. It comes from one of the spending limits.
  'authorization-server/src/interaction/explain-amount.ts': 'some',
  // The requests of example apps: they ask for a few limits.
  'authorization-server/src/developers/playground.ts': 'some',
  'demo-app/src/ai-request.ts': 'some',
  'demo-app/src/pages/request-fields.tsx': 'some',
  'demo-app/src/chat/describe-limits.ts': 'complete',
  'demo-app/src/chat/get-grant.ts': 'complete',
  'client/src/access-request.ts': 'complete',
  // The limits because of which the proxy refuses with 402.
  'client/src/read-refusal.ts': 'counted',
};

describe('kinds of limits are named', () => {
  it('only in the places that are listed', () => {
    const naming = sources.filter(({ text }) => limitKinds.filter((kind) => isNamed(kind, text)).length > 1);
    expect(naming.map(({ file }) => file).sort()).toEqual(Object.keys(limitPlaces).sort());
  });

  const required = { complete: limitKinds, counted: countedKinds, compiled: [], some: [] };
  const complete = sources.map(({ file, text }) => ({ file, text, kinds: required[limitPlaces[file] ?? 'some'] }));
  it.each(complete.filter(({ kinds }) => kinds.length > 0))('completely in $file', ({ text, kinds }) => {
    expect(kinds.filter((kind) => !isNamed(kind, text))).toEqual([]);
  });
});

/** Whether a text has the kind, its member or its column as a word. */
function isNamed(kind: LimitKind, text: string): boolean {
  const { member, column } = limitTable[kind];
  return [kind, member, column].some((name) => new RegExp(`(?<!\\w)${name}(?!\\w)`).test(text));
}

/** A status of an error that code chooses: `ctx.status = 422`, `{ status: 403 }`, `writeHead(503)`. */
const chosenStatus = /\bstatus(?:Code)?\??(?::|\s=\s)[^;\n]*\b[45]\d\d\b|\bwriteHead\([45]\d\d\b/;

it('in the servers, only the files of denials/ choose statuses of errors', () => {
  const choosing = sources.filter(
    ({ file, text }) => /^(authorization-server|resource-proxy)\//.test(file) && chosenStatus.test(text),
  );
  const [inDenials, others] = [true, false].map((is) =>
    choosing.filter(({ file }) => file.includes('/denials/') === is),
  );
  expect(inDenials?.length).toBeGreaterThan(1);
  // the status that is noted if the upstream refused a provider key without sending a status
  expect(others?.map(({ file }) => file)).toEqual(['resource-proxy/src/steps/settle.ts']);
});

it('in the authorization server, only the tables of denials choose error codes', () => {
  const chosenCode = /\berror: '|\bset\('error', '/;
  for (const example of ["{ error: 'account_refused' }", "url.searchParams.set('error', 'access_denied')"])
    expect(example).toMatch(chosenCode);
  const choosing = sources.filter(
    ({ file, text }) => file.startsWith('authorization-server/') && chosenCode.test(text),
  );
  expect(choosing.map(({ file }) => file)).toEqual([]);
});

it('in the authorization server, only one file chooses the errors with which oidc-provider refuses a request', () => {
  const choosing = sources.filter(({ text }) => /\bnew errors\./.test(text)).map(({ file }) => file);
  const outsideTheEngine = choosing.filter((file) => !file.startsWith('authorization-server/src/oidc/engine/'));
  expect(outsideTheEngine).toEqual(['authorization-server/src/oidc/describe-oauth-denial.ts']);
});

/** The first segments of the paths of a server: `account`, `authorize`, and so on. */
function listFirstSegments(server: SpecificationName): readonly string[] {
  const segments = Object.keys(loadSpecification(server).document.paths).flatMap((one) => one.split('/')[1] ?? []);
  return [...new Set(segments)].filter((segment) => segment !== '');
}

const sharedSegments = listFirstSegments('resource-proxy');
const ownSegments = listFirstSegments('authorization-server').filter((one) => !sharedSegments.includes(one));
/** A path that only the authorization server has, in a text or a template. */
const ownPath = new RegExp(`[\`'"}]/(${ownSegments.join('|').replaceAll('.', '\\.')})(?![\\w-])`);

it('outside the authorization server, its paths come from the table in contracts', () => {
  const naming = sources.filter(
    ({ file, text }) =>
      // The entries and the bills of AI providers have paths of the providers.
      /^(policy|store|resource-proxy|launcher)\/(?!src\/(?:catalogue|bills)\/vendors\/)/.test(file) &&
      ownPath.test(text),
  );
  expect(naming.map(({ file }) => file)).toEqual([]);
  for (const one of [authorizationServerPaths.jwks, '/interaction/1', '/logout', '/userinfo', '/device_authorization'])
    expect([one, ownPath.test(`'${one}'`)]).toEqual([one, true]);
});
