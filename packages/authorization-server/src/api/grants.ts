import { parseGrantedScope, parseLimitMembers } from '@aipassport/policy';
import { listOpenRequests, revokeGrant, updateGrantLimits } from '@aipassport/store/authorization';
import { getOwnGrant } from '../account/grant.js';
import {
  buildGrantChange,
  listGrantProblems,
  narrow,
  type OwnGrant,
  type WantedGrant,
} from '../account/read-grant-change.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import type { ApiCall, Specified } from './api-call.js';
import { apiTexts } from './api-texts.js';
import { type Draft, readDraft } from './bodies.js';
import { describeApiGrant } from './describe-grant.js';
import { conflict, requireNoneWrong } from './refusals.js';

/** `GET /api/account/grants/:grant_id` */
export async function getGrant(deps: Dependencies, { caller, value }: ApiCall): Promise<Specified['ApiGrant']> {
  return describe(deps, caller, await getOwnGrant(deps, caller, value));
}

/** `DELETE /api/account/grants/:grant_id`. As on the page, the answer is the same if the grant had already ended. */
export async function endGrant(deps: Dependencies, { caller, value: grantId }: ApiCall): Promise<undefined> {
  const { accountId, tokenId: apiToken } = caller;
  await getOwnGrant(deps, caller, grantId);
  await revokeGrant(deps.db, { grantId, accountId, reason: 'owner', revokedBy: accountId, apiToken });
}

/**
 * `PATCH /api/account/grants/:grant_id`. The database compares the new limits with the present ones, as for a form that
 * was sent long after the sign-in, and does nothing if one of them would be raised.
 */
export async function lowerGrant(deps: Dependencies, call: ApiCall): Promise<Specified['ApiGrant']> {
  const { ctx, caller, value: grantId } = call;
  const draft = await readDraft(deps, ctx, 'GrantChange');
  const grant = await getOwnGrant(deps, caller, grantId);
  if (grant.state !== 'active') throw conflict('This grant has ended.');
  const see = `${deps.configuration.issuer}${formatPath(paths.grantLimits, grantId)}`;
  const wanted = readWanted(draft, grant, { see, now: deps.now() });
  const change = buildGrantChange(grant, wanted);
  if (change === undefined) return describe(deps, caller, grant);
  const { accountId, tokenId: apiToken } = caller;
  const isChanged = await updateGrantLimits(deps.db, { ...change, accountId, mayRaise: false, apiToken });
  const present = await getOwnGrant(deps, caller, grantId);
  if (isChanged) return describe(deps, caller, present);
  if (present.state !== 'active') throw conflict('This grant has ended.');
  if (buildGrantChange(present, readGrant(grant, deps.now())) !== undefined)
    throw conflict('This grant was changed at the same moment. Read it again, and repeat the change.');
  throw new Denied({ reason: 'api_raise_refused', see });
}

interface Circumstances {
  /** The URL of the page on which the owner can raise limits. */
  readonly see: string;
  readonly now: Date;
}

/**
 * The terms that the program asks for. Terms that it does not name stay as they are.
 * @throws Denied
 */
function readWanted(
  { sent, wrong }: Draft<Specified['GrantChange']>,
  grant: OwnGrant,
  { see, now }: Circumstances,
): WantedGrant {
  const present = readGrant(grant, now);
  const limits = parseLimitMembers({ ...sent.limits });
  const given = limits.ok ? Object.entries(limits.limits).filter(([, limit]) => limit !== undefined) : [];
  const asked = sent.scope?.split(' ').filter((text) => text !== '');
  const end = sent.expires_at === undefined ? grant.expiresAt : parseTime(sent.expires_at);
  const wanted = {
    limits: { ...present.limits, ...Object.fromEntries(given) },
    expiresAt: end,
    kept: asked === undefined ? present.kept : narrow(grant, asked),
    now,
  };
  requireNoneWrong(wrong, [
    ...(limits.ok ? [] : limits.wrong.map(({ member, rule }) => ({ member: `limits.${member}`, rule }))),
    ...(end === undefined ? [{ member: 'expires_at', rule: 'must be a time like 2026-12-31T23:59:59Z' }] : []),
    ...listGrantProblems(grant, wanted).map(({ field, message }) => ({
      member: nameMember(field),
      rule: apiTexts.say(message),
    })),
  ]);
  const own = grant.tokens.map(({ text }) => text);
  if (asked?.some((text) => !own.includes(text))) throw new Denied({ reason: 'api_raise_refused', see });
  return wanted;
}

/**
 * The format `date-time` also allows times that `Date` cannot represent, such as leap seconds.
 * @returns undefined for these
 */
function parseTime(text: string): Date | undefined {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** The present terms of the grant. */
function readGrant({ limits, expiresAt, storedScope }: OwnGrant, now: Date): WantedGrant {
  return { limits, expiresAt, kept: parseGrantedScope(storedScope), now };
}

/** The member of the body for a field of the page's form. */
function nameMember(field: string | undefined): string {
  if (field === 'models') return 'scope';
  return field === undefined || field.startsWith('expires') ? 'expires_at' : `limits.${field}`;
}

async function describe(
  { db, configuration, now }: Dependencies,
  { accountId, timeZone }: ApiCall['caller'],
  grant: OwnGrant,
): Promise<Specified['ApiGrant']> {
  const open = await listOpenRequests(db, accountId);
  return describeApiGrant(grant, { issuer: configuration.issuer, timeZone, now: now(), open });
}
