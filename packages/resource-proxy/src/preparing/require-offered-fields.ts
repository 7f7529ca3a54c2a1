import { Denied } from '../denials/denial.js';
import type { JsonObject } from '../json/read-strict-json.js';
import type { BodyRules, UpstreamApi } from '../upstreams/upstream-api.js';

const plainName = /^[A-Za-z0-9_]{1,64}$/;

/** @throws Denied for a field that the operation does not accept, and for a field that occurs in two spellings */
export function requireOfferedFields(body: JsonObject, rules: BodyRules, { canonicalName }: UpstreamApi): void {
  const seen = new Set<string>();
  for (const key of Object.keys(body)) {
    const field = canonicalName(key);
    const value = body[key] ?? null;
    if (seen.has(field)) throw new Denied({ reason: 'body_malformed', problem: 'repeated_member' });
    seen.add(field);
    const harmless = readOwn(rules.stored, field);
    if (harmless !== undefined) {
      if (!harmless.includes(value)) throw new Denied({ reason: 'stored_state_refused', field });
      continue;
    }
    if (!rules.fields.has(field)) {
      throw new Denied({ reason: 'field_not_offered', field: plainName.test(key) ? key : undefined });
    }
    const values = readOwn(rules.values, field);
    if (values !== undefined && !values.includes(value)) throw new Denied({ reason: 'field_invalid', field });
  }
}

/** `toString` and `__proto__` are inherited members of every record, not fields. */
function readOwn<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
