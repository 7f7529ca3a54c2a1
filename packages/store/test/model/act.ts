import type fc from 'fast-check';
import type { Model, Real } from './model.js';

export type Act = fc.AsyncCommand<Model, Real>;

export interface SomeLimits {
  readonly maxRequests: number | undefined;
  readonly maxCost: bigint | undefined;
}

export const act = (name: string, run: Act['run'], check: (model: Model) => boolean = () => true): Act => ({
  check,
  run,
  toString: () => name,
});

export function choose<Item>(items: readonly Item[], place: number): Item {
  const item = items[place % items.length];
  if (item === undefined) throw new Error('there is nothing to choose from');
  return item;
}
