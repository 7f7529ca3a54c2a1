import { type Limits, noLimits } from '@aipassport/policy';

/** A grant of a tree, and the values that the database should have for it. */
export interface Node {
  readonly id: string;
  readonly parent: Node | undefined;
  limits: Limits;
  isLive: boolean;
  requests: number;
  spent: bigint;
  /** The admissions of the last minute, including released requests. A test lasts less than a minute. */
  admissions: number;
}

/** An admitted request. */
export interface AdmittedRequest {
  readonly id: string;
  readonly node: Node;
  readonly reserved: bigint;
  readonly isStream: boolean;
  state: 'open' | 'abandoned' | 'ended';
}

export interface Tree {
  readonly nodes: readonly Node[];
  readonly requests: AdmittedRequest[];
}

export const chainOf = (node: Node): readonly Node[] => [...(node.parent ? chainOf(node.parent) : []), node];
const isIn = (node: Node, of: Node): boolean => node === of || (node.parent !== undefined && isIn(node.parent, of));

/** The open requests of a grant and of all grants below it. */
export const openBelow = ({ requests }: Tree, of: Node): readonly AdmittedRequest[] =>
  requests.filter(({ state, node }) => state === 'open' && isIn(node, of));
export const reservedBy = (tree: Tree, of: Node): bigint =>
  openBelow(tree, of).reduce((sum, one) => sum + one.reserved, 0n);
export const streamsOf = (tree: Tree, of: Node): number => openBelow(tree, of).filter((one) => one.isStream).length;

export const liveBelow = ({ nodes }: Tree, of: Node): readonly Node[] =>
  nodes.filter((node) => node.isLive && isIn(node, of));

interface Asked {
  readonly estimate: bigint;
  readonly isStream: boolean;
}

/**
 * The reasons to refuse a request that needs its whole estimate reserved. The list is empty if the request is admitted.
 * If there are several reasons, the database may name any of them.
 */
export function refusalsOf(tree: Tree, node: Node, { estimate, isStream }: Asked): readonly string[] {
  const chain = chainOf(node);
  const some = (lacks: (of: Node) => boolean) => chain.some(lacks);
  const over = (limit: bigint | undefined, of: Node) =>
    limit !== undefined && estimate > 0n && of.spent + reservedBy(tree, of) + estimate > limit;
  if (some((of) => !of.isLive)) return ['revoked'];
  if (some((of) => of.requests >= (of.limits.maxRequests ?? Number.POSITIVE_INFINITY)))
    return ['request_limit_reached'];
  if (some((of) => over(of.limits.maxCost, of))) return ['budget_exhausted'];
  if (some((of) => over(of.limits.maxCostPerMonth, of))) return ['month_budget_exhausted'];
  if (some((of) => over(of.limits.maxCostPerDay, of))) return ['day_budget_exhausted'];
  const isFull = (limit: number | undefined, used: number) => limit !== undefined && used >= limit;
  return [
    ...(some((of) => isFull(of.limits.maxRequestsPerMinute, of.admissions)) ? ['rate_limited'] : []),
    ...(isStream && some((of) => isFull(of.limits.maxStreams, streamsOf(tree, of))) ? ['too_many_streams'] : []),
  ];
}

export function admitIn(tree: Tree, node: Node, request: Omit<AdmittedRequest, 'node' | 'state'>): void {
  tree.requests.push({ ...request, node, state: 'open' });
  for (const of of chainOf(node)) {
    of.requests += 1;
    // The database counts the requests of a minute only for grants with this limit.
    if (of.limits.maxRequestsPerMinute !== undefined) of.admissions += 1;
  }
}

/** Ends a request, or corrects the charge of one whose replica was declared dead. */
export function endIn(request: AdmittedRequest, cost: bigint, isReleased: boolean): void {
  const charged = request.state === 'abandoned' ? request.reserved : 0n;
  request.state = 'ended';
  for (const of of chainOf(request.node)) {
    of.spent += cost - charged;
    if (isReleased) of.requests -= 1;
  }
}

export function abandonIn(request: AdmittedRequest): void {
  endIn(request, request.reserved, false);
  request.state = 'abandoned';
}

/** The smallest amount that is left of any limit of any grant of a chain. */
export function leastMoneyLeft(tree: Tree, node: Node): bigint | undefined {
  const lefts = chainOf(node).flatMap((of) =>
    (['maxCost', 'maxCostPerDay', 'maxCostPerMonth'] as const).flatMap((kind) => {
      const limit = of.limits[kind];
      return limit === undefined ? [] : [limit - of.spent - reservedBy(tree, of)];
    }),
  );
  return lefts.length === 0 ? undefined : lefts.reduce((least, left) => (left < least ? left : least));
}

export const limitsOf = (some: Partial<Limits>): Limits => ({ ...noLimits, ...some });
