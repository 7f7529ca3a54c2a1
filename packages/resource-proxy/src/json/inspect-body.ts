import { type BodyProblem, Denied } from '../denials/denial.js';
import { plainWord } from '../denials/plain-word.js';
import type { JsonObject, JsonValue, StrictJson } from './read-strict-json.js';

/** One member of a body. */
export interface Member {
  /** The canonical name of the member. */
  readonly name: string;
  readonly value: JsonValue;
  readonly holder: JsonObject;
  /** The member's path, for messages: `messages[0].content`. */
  readonly place: () => string;
}

/** An upstream's rules for the members of a body, at any depth. */
export interface BodyInspection {
  /**
   * Members whose value is the client's own data or a JSON schema. The upstream does not interpret the names of members
   * inside them.
   */
  readonly opaque: ReadonlySet<string>;
  /** Whether a member is not forwarded, so that its content does not matter. */
  readonly isLeftOut: (holder: JsonObject, key: string) => boolean;
  /**
   * Called for every member, except for a left-out member and the members inside an opaque or left-out member. Throws
   * Denied for a member that is refused.
   */
  readonly visit: (member: Member) => void;
  /** Returns the name by which the upstream knows a member. */
  readonly canonicalName: (name: string) => string;
}

/**
 * Members by which other gateways let a caller choose the upstream, the provider key or headers, and two members by
 * which code that copies an object may reach prototypes. No vendor accepts them, so they are refused, except in the
 * parts of a body for which `visit` is not called.
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
 * Walks a parsed body once: calls `visit` for the members that the rules apply to, and refuses values that would not
 * arrive as they were sent. The parser keeps only the last of several members with the same name. So the number of
 * parsed members is compared with the number of members in the text. This finds repetitions at any depth, also when the
 * same name is written with different escapes.
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
      // JSON.parse creates a plain member of this name, but code that copies the object later may set the prototype of
      // the copy.
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
      // A number such as 1e400 is parsed as Infinity. Inside opaque members the number is passed on as the client wrote
      // it, and no rule reads it.
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

/** Formats a member's path. A name that is not a plain word is replaced with `?`. */
function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return `${text === '' ? '' : `${text}.`}${plainWord(step) ?? '?'}`;
  }, '');
}

function refuse(problem: BodyProblem): never {
  throw new Denied({ reason: 'body_malformed', problem });
}
