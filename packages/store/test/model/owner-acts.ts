import { noLimits } from '@aipassport/policy';
import { expect } from '@jest/globals';
import { sql } from 'kysely';
import { deleteProviderKey, revokeGrant, updateGrantLimits, upsertProviderKey } from '../../src/authorization/index.js';
import { addGrant } from '../fixtures.js';
import { type Act, act, choose, type SomeLimits } from './act.js';
import { ceiling, type ModelGrant } from './model.js';

const show = (limits: SomeLimits) => `${limits.maxRequests} requests, ${limits.maxCost} nano-dollars`;

/** @param room how much more the grant can spend until its counter is full; undefined: it has spent nothing */
export const grant = (limits: SomeLimits, room?: bigint): Act =>
  act(
    `grant ${show(limits)}${room === undefined ? '' : `, with room for ${room}`}`,
    async (model, { db, accountId, clientId }) => {
      const id = await addGrant(db, { accountId, clientId, limits });
      const spent = room === undefined ? 0n : ceiling - room;
      // The state after past months of the ledger, with this cost, were dropped.
      await sql`update grants set spent = ${spent} where id = ${id}`.execute(db);
      await sql`insert into ledger_archive (grant_id, requests, cost) values (${id}, 0, ${spent})`.execute(db);
      model.grants.push({ id, ...limits, isRevoked: false, requests: 0, spent, spentBefore: spent });
    },
    ({ grants }) => grants.length < 3,
  );

/** The owner adds a provider key, or deletes it. */
export const ownKey = (isThere: boolean): Act =>
  act(isThere ? 'add a key' : 'delete the key', async (model, { db, accountId }) => {
    const key = { upstream: 'openai', host: 'h', version: 1, sealingKeyId: 'k', jwe: 'j', lastFour: '1234' } as const;
    if (isThere) await upsertProviderKey(db, { accountId, ...key });
    else await deleteProviderKey(db, { accountId, upstream: 'openai' });
    model.hasOwnKey = isThere;
  });

const least = <Value extends number | bigint>(a: Value | undefined, b: Value | undefined) =>
  a === undefined || (b !== undefined && b < a) ? b : a;
const most = <Value extends number | bigint>(a: Value | undefined, b: Value | undefined) =>
  a === undefined || b === undefined ? undefined : a < b ? b : a;

export const narrow = (place: number, limits: SomeLimits): Act =>
  change(`narrow grant ${place} to ${show(limits)}`, place, {
    find: (of) => ({
      maxRequests: least(of.maxRequests, limits.maxRequests),
      maxCost: least(of.maxCost, limits.maxCost),
    }),
    mayRaise: false,
  });

/** @param mayRaise whether the owner's password was asked for. Without it no limit may become larger */
export const raise = (place: number, limits: SomeLimits, mayRaise: boolean): Act =>
  change(`raise grant ${place} to ${show(limits)}${mayRaise ? '' : ', which is not allowed'}`, place, {
    find: (of) => ({
      maxRequests: most(of.maxRequests, limits.maxRequests),
      maxCost: most(of.maxCost, limits.maxCost),
    }),
    mayRaise,
  });

/** Every grant of a test ends later than this. */
const expiresAt = new Date(Date.now() + 1_800_000);

function change(
  name: string,
  place: number,
  { find, mayRaise }: { readonly find: (of: ModelGrant) => SomeLimits; readonly mayRaise: boolean },
): Act {
  return act(
    name,
    async (model, { db, accountId }) => {
      const of = choose(model.grants, place);
      const changed = find(of);
      const isSame = changed.maxRequests === of.maxRequests && changed.maxCost === of.maxCost;
      const isNarrower = least(of.maxRequests, changed.maxRequests) === changed.maxRequests;
      const isCheaper = least(of.maxCost, changed.maxCost) === changed.maxCost;
      const mayBe = !of.isRevoked && (mayRaise || isSame || (isNarrower && isCheaper));
      const update = { grantId: of.id, accountId, limits: { ...noLimits, ...changed }, expiresAt, mayRaise };
      expect(await updateGrantLimits(db, update)).toBe(mayBe);
      if (mayBe) Object.assign(of, changed);
    },
    ({ grants }) => grants.length > 0,
  );
}

export const revoke = (place: number): Act =>
  act(
    `revoke grant ${place}`,
    async (model, { db, accountId }) => {
      const of = choose(model.grants, place);
      const revocation = { grantId: of.id, accountId, reason: 'owner', revokedBy: accountId } as const;
      expect(await revokeGrant(db, revocation)).toBe(!of.isRevoked);
      of.isRevoked = true;
    },
    ({ grants }) => grants.length > 0,
  );
