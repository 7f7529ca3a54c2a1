import { randomUUID } from 'node:crypto';
import { noLimits } from '@aipassport/policy';
import { expect } from '@jest/globals';
import type fc from 'fast-check';
import { revokeGrant, updateGrantLimits } from '../../src/authorization/index.js';
import {
  type Admission,
  admitRequests,
  endLease,
  insertReplica,
  LeaseLostError,
  renewLease,
  settleDeadReplicas,
  settleRequests,
} from '../../src/proxying/index.js';
import { addGrant } from '../fixtures.js';
import { type Asking, close, type Model, type ModelGrant, type Outcome, predict, type Real } from './model.js';

export type Act = fc.AsyncCommand<Model, Real>;

export interface SomeLimits {
  readonly maxRequests: number | undefined;
  readonly maxCost: bigint | undefined;
}

const act = (name: string, run: Act['run'], check: (model: Model) => boolean = () => true): Act => ({
  check,
  run,
  toString: () => name,
});

const show = (limits: SomeLimits) => `${limits.maxRequests} requests, ${limits.maxCost} nano-dollars`;

export const grant = (limits: SomeLimits): Act =>
  act(
    `grant ${show(limits)}`,
    async (model, { db, accountId, clientId }) => {
      const id = await addGrant(db, { accountId, clientId, limits });
      model.grants.push({ id, ...limits, isRevoked: false, requests: 0, spent: 0n });
    },
    ({ grants }) => grants.length < 3,
  );

export interface RequestAct extends Asking {
  readonly replica: number;
  readonly grant: number;
  readonly count: number;
  readonly outcome: Outcome;
}

export const request = ({ replica, grant: place, count, estimate, floor, outcome }: RequestAct): Act =>
  act(
    `request(${count} of ${estimate}, at least ${floor}, of grant ${place} at replica ${replica}, ${outcome.percent} % ${outcome.how})`,
    async (model, { replicas, accountId, upstream, db }) => {
      const [asked, process] = [choose(model.grants, place), choose(model.processes, replica)];
      const common = { grantId: asked.id, accountId, estimate, floor, tokens: 1, isStream: true };
      const kind = { upstream: 'u', model: 'm', operation: 'o' };
      const requests = Array.from({ length: count }, () => ({ requestId: randomUUID(), ...common, ...kind }));
      const { lease } = process;
      const batch = { replicaId: lease, catalogueVersion: 'test', requests };
      const admitting = admitRequests(replicas[replica] ?? db, batch);
      if (model.leases.get(lease)?.hasEnded !== false) {
        await expect(admitting).rejects.toThrow(LeaseLostError);
        await announce(model, replica, { db });
        return;
      }
      const admissions = await admitting;
      requests.forEach(({ requestId: id }, index) => {
        const expected = predict(model, asked, { estimate, floor });
        expect(brief(admissions[index])).toBe(expected);
        if (typeof expected !== 'bigint') return;
        asked.requests += 1;
        const admitted = { id, grant: asked, lease, process, reserved: expected, outcome, isOpen: true };
        upstream.receive(admitted);
        model.requests.push(admitted);
      });
    },
    ({ grants, processes }) => grants.length > 0 && processes[replica]?.isRunning === true,
  );

const brief = (admission: Admission | undefined) =>
  admission?.verdict === 'admitted' ? admission.reserved : admission?.verdict;

/** By the process that has sent it, as often as it likes; also when the others have taken it for dead meanwhile. */
export const settle = ({ place, times }: { readonly place: number; readonly times: number }): Act => {
  const settleable = (model: Model) => model.requests.filter(({ process }) => process.isRunning);
  return act(
    `settle(request ${place}, ${times} times)`,
    async (model, { db, replicas, accountId }) => {
      const settled = choose(settleable(model), place);
      const { id, grant: of, reserved, outcome } = settled;
      const cost = outcome.how === 'estimated' ? undefined : (reserved * BigInt(outcome.percent)) / 100n;
      const settlement = { requestId: id, grantId: of.id, accountId, settlement: outcome.how, cost };
      const counts = await Promise.all(
        Array.from({ length: times }, (_, n) => settleRequests(replicas[n % 2] ?? db, [settlement])),
      );
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(settled.isOpen ? 1 : 0);
      if (settled.isOpen) close(settled, outcome.how);
    },
    (model) => settleable(model).length > 0,
  );
};

export const crash = (replica: number): Act =>
  act(
    `crash replica ${replica}`,
    async (model) => {
      choose(model.processes, replica).isRunning = false;
    },
    (model) => choose(model.processes, replica).isRunning,
  );

export const restart = (replica: number): Act =>
  act(
    `restart replica ${replica}`,
    async (model, real) => {
      model.processes[replica] = { lease: '', isRunning: true };
      await announce(model, replica, real);
    },
    (model) => !choose(model.processes, replica).isRunning,
  );

/** The time of its lease is over, whether it is dead or only slow. */
export const lapse = (replica: number): Act =>
  act(`lease of replica ${replica} ends`, async (model, { db }) => {
    const { lease } = choose(model.processes, replica);
    await endLease(db, lease);
    const kept = model.leases.get(lease);
    if (kept !== undefined) kept.hasEnded = true;
  });

export const renew = (replica: number): Act =>
  act(
    `replica ${replica} renews`,
    async (model, { db }) => {
      const { lease } = choose(model.processes, replica);
      const kept = model.leases.get(lease);
      const time = await renewLease(db, { replicaId: lease, leaseSeconds });
      expect(time === undefined).toBe(kept === undefined);
      if (kept === undefined) await announce(model, replica, { db });
      else kept.hasEnded = false;
    },
    (model) => choose(model.processes, replica).isRunning,
  );

/** By both replicas at once. */
export const sweep: Act = act('sweep', async (model, { replicas }) => {
  const counts = await Promise.all(replicas.map((db) => settleDeadReplicas(db)));
  const dead = [...model.leases].flatMap(([name, { hasEnded }]) => (hasEnded ? [name] : []));
  const abandoned = model.requests.filter(({ isOpen, lease }) => isOpen && dead.includes(lease));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(abandoned.length);
  for (const left of abandoned) close(left, 'abandoned');
  for (const name of dead) model.leases.delete(name);
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

/** @param mayRaise whether the owner's password was asked for; without it nothing becomes larger */
export const raise = (place: number, limits: SomeLimits, mayRaise: boolean): Act =>
  change(`raise grant ${place} to ${show(limits)}${mayRaise ? '' : ', which must not be'}`, place, {
    find: (of) => ({
      maxRequests: most(of.maxRequests, limits.maxRequests),
      maxCost: most(of.maxCost, limits.maxCost),
    }),
    mayRaise,
  });

/** Sooner than any grant of a test ends. */
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

/** Longer than a sequence: a lease ends when the sequence says so. */
const leaseSeconds = 3_600;

/** A process takes a name, at its start or because the old one was swept. */
export async function announce(model: Model, replica: number, { db }: Pick<Real, 'db'>): Promise<void> {
  const lease = randomUUID();
  await insertReplica(db, { replicaId: lease, leaseSeconds });
  choose(model.processes, replica).lease = lease;
  model.leases.set(lease, { hasEnded: false });
}

function choose<Item>(items: readonly Item[], place: number): Item {
  const item = items[place % items.length];
  if (item === undefined) throw new Error('there is nothing to choose from');
  return item;
}
