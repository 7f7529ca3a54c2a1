import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import { type Exchange, noteDropped } from '../exchange.js';

/**
 * Notes that an unknown part of a request is left out.
 * @param field a name that may be logged and repeated in an answer: see `plainWord`
 * @throws Denied when the operator's settings refuse such requests
 */
export function dropUnknown(
  { requestRules }: Pick<ProxyDependencies, 'requestRules'>,
  exchange: Exchange,
  field: string,
): void {
  if (requestRules.unknownFields === 'refuse') throw new Denied({ reason: 'field_not_offered', field });
  noteDropped(exchange, [field]);
}
