import type { TokenHolder } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';

export type { Specified } from './specified.js';

/** A request to the JSON API whose token allows the operation. */
export interface ApiCall {
  readonly ctx: Context;
  readonly caller: TokenHolder;
  /** The value of the path's variable segment; empty for a path without one. */
  readonly value: string;
}

/** @returns the body of the answer; undefined for an answer without a body */
export type ApiHandler = (deps: Dependencies, call: ApiCall) => Promise<object | undefined>;
