import type { FieldedOperationId } from '@aipassport/policy';
import type { JsonObject } from '../json/read-strict-json.js';
import type { Wishes } from './upstream-api.js';

/** Judges what depends on more than one field of a request; may put fields in. Throws Denied. */
export type RequestAdjustment = (body: JsonObject, wishes: Wishes, modelId: string) => void;

/** Most operations have none. */
export type RequestAdjustments = Readonly<Partial<Record<FieldedOperationId, RequestAdjustment>>>;

/** @param text names, separated by spaces */
export function words(...text: readonly string[]): ReadonlySet<string> {
  return new Set(text.flatMap((part) => part.trim().split(/\s+/)));
}
