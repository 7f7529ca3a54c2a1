import { getPriority, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from './bomb.js';
import { bombs } from './bombs.js';

/** An order from the experiment: one attack and its duration. */
export interface AttackOrder {
  readonly name: string;
  readonly target: Target;
  readonly milliseconds: number;
}

export interface AttackReport {
  /** The number of answers with each status, and of requests that failed with each error. */
  readonly answers: Readonly<Record<string, number>>;
}

// Real attackers use other machines. A low priority keeps this process from taking CPU time from the servers.
setPriority(Math.min(19, getPriority() + 15));

process.on('message', (order: AttackOrder) => void attack(order));
process.once('disconnect', () => process.exit());

async function attack({ name, target, milliseconds }: AttackOrder): Promise<void> {
  const bomb = bombs.find((one) => one.name === name);
  if (bomb === undefined) throw new Error(`there is no bomb "${name}"`);
  const answers: Record<string, number> = {};
  let isOver = false;
  const over = sleep(milliseconds).then(() => {
    isOver = true;
  });
  await bomb.throw({
    target,
    over,
    isOver: () => isOver,
    note: (what) => {
      answers[what] = (answers[what] ?? 0) + 1;
    },
  });
  await over;
  process.send?.({ answers } satisfies AttackReport);
}
