import { type BodyProblem, Denied } from '../denials/denial.js';
import { plainWord } from '../denials/plain-word.js';
import type { JsonObject, JsonValue, StrictJson } from './read-strict-json.js';

/** One member of a body. */
export interface Member {
  /** Its canonical name. */
  readonly name: string;
  readonly value: JsonValue;
  readonly holder: JsonObject;
  /** Where it stands, for messages: `messages[0].content`. */
  readonly place: () => string;
}

/** What an upstream's rules say about the members of a body, wherever they stand. */
export interface BodyInspection {
  /** Members whose value is the client's own data or a JSON schema: names inside mean nothing to the upstream. */
  readonly opaque: ReadonlySet<string>;
  /** Whether a member is not forwarded, so that its content does not matter. */
  readonly isLeftOut: (holder: JsonObject, key: string) => boolean;
  /** Called for every member outside of opaque ones. Throws Denied for what is refused. */
  readonly visit: (member: Member) => void;
  /** The name under which the upstream understands a member. */
  readonly canonicalName: (name: string) => string;
}

/**
 * Members by which other gateways let a caller choose the upstream, its key or its headers. No vendor takes them,
 * so they have no honest use outside of opaque data.
 */
const forbidden = new Set([
  'api_base',
  'apiBase',
  'api_key',
  'apiKey',
  'api_version',
  'base_url',
  'baseUrl',
  'baseURL',
  'constructor',
  'custom_llm_provider',
  'extra_body',
  'extra_headers',
  'extra_query',
  'prototype',
]);

/**
 * Walks a parsed body once: shows every member to the upstream's rules, and refuses what would not arrive as it
 * was sent. A member that was named twice is missing here, because the parser kept the last: so the number of
 * members is compared with that of the text, which finds repetitions at any depth and in any spelling.
 *
 * @throws Denied
 */
export function inspectBody(
  { value, members }: Pick<StrictJson, 'value' | 'members'>,
  inspection: BodyInspection,
): void {
  const walk = new Walk(inspection);
  walk.object(value, false);
  if (walk.members !== members) refuse('repeated_member');
}

class Walk {
  members = 0;
  readonly #inspection: BodyInspection;
  readonly #path: (string | number)[] = [];

  constructor(inspection: BodyInspection) {
    this.#inspection = inspection;
  }

  object(holder: JsonObject, opaque: boolean): void {
    const { opaque: opaqueNames, isLeftOut, visit, canonicalName } = this.#inspection;
    for (const key of Object.keys(holder)) {
      this.members += 1;
      // JSON.parse makes it a plain member; whoever copies the object later may make it something else.
      if (key === '__proto__') refuse('forbidden_member');
      if (!key.isWellFormed()) refuse('unpaired_surrogate');
      const value = holder[key] ?? null;
      if (opaque || isLeftOut(holder, key)) {
        this.value(value, true);
        continue;
      }
      const name = canonicalName(key);
      this.#path.push(key);
      if (forbidden.has(key)) throw new Denied({ reason: 'field_forbidden', field: this.#place() });
      visit({ name, value, holder, place: this.#place });
      this.value(value, opaqueNames.has(name));
      this.#path.pop();
    }
  }

  readonly #place = (): string => formatPath(this.#path);

  value(value: JsonValue, opaque: boolean): void {
    if (typeof value === 'string') {
      if (!value.isWellFormed()) refuse('unpaired_surrogate');
    } else if (typeof value === 'number') {
      // 1e400 has become Infinity. In the client's own data it is passed on as it was written, and read by no rule.
      if (!opaque && !Number.isFinite(value)) refuse('number_out_of_range');
    } else if (Array.isArray(value)) {
      if (opaque) for (const item of value) this.value(item, true);
      else this.#list(value);
    } else if (typeof value === 'object' && value !== null) {
      this.object(value, opaque);
    }
  }

  #list(items: readonly JsonValue[]): void {
    items.forEach((item, index) => {
      this.#path.push(index);
      this.value(item, false);
      this.#path.pop();
    });
  }
}

/** Names that are no plain words are not repeated. */
function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return `${text === '' ? '' : `${text}.`}${plainWord(step) ?? '?'}`;
  }, '');
}

function refuse(problem: BodyProblem): never {
  throw new Denied({ reason: 'body_malformed', problem });
}
