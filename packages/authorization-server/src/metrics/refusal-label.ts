import type { Denial } from '../denials/denial.js';
import { type EngineError, engineErrors } from '../oidc/engine/engine-errors.js';

/** Why a request was refused. `other`: an error code that is not in the list of oidc-provider's codes. */
export type RefusalLabel = Denial['reason'] | EngineError | 'other';

const known: ReadonlyMap<string, EngineError> = new Map(engineErrors.map((code) => [code, code]));

/** A refusal of oidc-provider, by its error code. */
export function labelEngineError(code: string): RefusalLabel {
  return known.get(code) ?? 'other';
}
