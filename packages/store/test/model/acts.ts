import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
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
import { type Act, act, choose } from './act.js';
import { billOf, close, type Model, type Outcome, predict, type Real, type RequestTerms } from './model.js';

export interface RequestAct extends RequestTerms {
  readonly replica: number;
  readonly grant: number;
  readonly count: number;
  readonly outcome: Outcome;
}

export const request = ({ replica, grant: place, count, outcome, ...asking }: RequestAct): Act =>
  act(
    `request(${count} of ${asking.estimate}, ${asking.share} if there are other requests, at least ${asking.floor}${asking.isOpen ? ', open' : ''}${asking.isPatient ? ', patient' : ''}, of grant ${place} at replica ${replica}, ${outcome.percent} % ${outcome.how})`,
    async (model, real) => {
      const { replicas, accountId, upstream, db } = real;
      const [asked, process] = [choose(model.grants, place), choose(model.processes, replica)];
      const common = { grantId: asked.id, accountId, ...asking, tokens: 1, isStream: true };
      const kind = { upstream: 'openai', model: 'm', operation: 'o' };
      const requests = Array.from({ length: count }, () => ({ requestId: randomUUID(), ...common, ...kind }));
      const { lease } = process;
      const batch = { replicaId: lease, catalogueVersion: 'test', requests, operatorKeys: real.operatorKeys };
      const admitting = admitRequests(replicas[replica] ?? db, batch);
      if (model.leases.get(lease)?.hasEnded !== false) {
        await expect(admitting).rejects.toThrow(LeaseLostError);
        await announce(model, replica, { db });
        return;
      }
      const admissions = await admitting;
      requests.forEach(({ requestId: id }, index) => {
        const expected = predict(model, asked, asking, BigInt(count - index));
        expect(brief(admissions[index])).toEqual(expected);
        if (typeof expected !== 'bigint') return;
        asked.requests += 1;
        const { hasOwnKey, operator } = model;
        expect(admissions[index]).toMatchObject({ usesOperatorKey: !hasOwnKey });
        const usesOperatorKey = !hasOwnKey && operator.cap !== undefined;
        const common = { id, grant: asked, lease, process, reserved: expected, outcome, usesOperatorKey };
        const admitted = { ...common, isOpen: true, isAbandoned: false };
        upstream.receive(admitted);
        model.requests.push(admitted);
      });
    },
    ({ grants, processes }) => grants.length > 0 && processes[replica]?.isRunning === true,
  );

/**
 * The reservation of an admitted request, or the verdict on a refused one. `operator_budget_exhausted` becomes
 * `budget_exhausted`, because another test checks which of the two budgets is exhausted.
 */
function brief(admission: Admission | undefined) {
  if (admission?.verdict === 'admitted') return admission.reserved;
  const verdict = admission?.verdict === 'operator_budget_exhausted' ? 'budget_exhausted' : admission?.verdict;
  return { verdict, ...(admission && 'mayFitLater' in admission && { mayFitLater: admission.mayFitLater }) };
}

/**
 * The process that sent the request settles it `times` times. At most one of these settlements has an effect. If the
 * process was declared dead before, that settlement corrects the charge.
 */
export const settle = ({ place, times }: { readonly place: number; readonly times: number }): Act => {
  const settleable = (model: Model) => model.requests.filter(({ process }) => process.isRunning);
  return act(
    `settle(request ${place}, ${times} times)`,
    async (model, { db, replicas, accountId }) => {
      const settled = choose(settleable(model), place);
      const { id, grant: of, reserved, outcome } = settled;
      const cost = outcome.how === 'estimated' ? undefined : billOf(reserved, outcome);
      const settlement = { requestId: id, grantId: of.id, accountId, settlement: outcome.how, cost };
      const counts = await Promise.all(
        Array.from({ length: times }, (_, n) => settleRequests(replicas[n % 2] ?? db, [settlement])),
      );
      const isDue = settled.isOpen || settled.isAbandoned;
      expect(counts.reduce((sum, { settled: count }) => sum + count, 0)).toBe(isDue ? 1 : 0);
      if (isDue) close(model, settled, outcome.how);
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

/** Ends the lease of a replica. Its process may have crashed, or may still run. */
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

/** Charges the open requests of dead replicas. Both replicas do this at the same time. */
export const sweep: Act = act('sweep', async (model, { replicas }) => {
  const counts = await Promise.all(replicas.map((db) => settleDeadReplicas(db)));
  const dead = [...model.leases].flatMap(([name, { hasEnded }]) => (hasEnded ? [name] : []));
  const abandoned = model.requests.filter(({ isOpen, lease }) => isOpen && dead.includes(lease));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(abandoned.length);
  for (const left of abandoned) close(model, left, 'abandoned');
  for (const name of dead) model.leases.delete(name);
});

/** Longer than a sequence of acts takes, so that a lease ends only when an act ends it. */
const leaseSeconds = 3_600;

/** Gives a process a new lease, when it starts or when it has lost its old one. */
export async function announce(model: Model, replica: number, { db }: Pick<Real, 'db'>): Promise<void> {
  const lease = randomUUID();
  await insertReplica(db, { replicaId: lease, leaseSeconds });
  choose(model.processes, replica).lease = lease;
  model.leases.set(lease, { hasEnded: false });
}
