import { parseUpstream, type Upstream } from '@aipassport/policy';

/** In whose words errors are answered: an upstream's below its prefix, OAuth's elsewhere. */
export type Dialect = Upstream | 'oauth';

/** @param target the raw request target */
export function readDialect(target: string): Dialect {
  return parseUpstream(target.slice(1, target.indexOf('/', 1))) ?? 'oauth';
}
