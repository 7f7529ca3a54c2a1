import type { Validator } from '@aipassport/contracts';
import type { Context } from './context.js';
import { readBody } from './read-body.js';
import { Refusal } from './refusal.js';

/** A form of ours is small; a provider key is the longest thing in it. */
const maxFormBytes = 64 * 1024;

export type Form = Readonly<Record<string, string | readonly string[]>>;

/** Fields that may be there more than once are always lists. */
const listFields: readonly string[] = ['scope'];

/**
 * The fields of a submitted form, each as text. A field that is there twice and may be there only once stays a list,
 * which no validator accepts.
 */
export async function readForm(ctx: Context): Promise<Form> {
  if (!ctx.is('application/x-www-form-urlencoded'))
    throw new Refusal({ status: 400, reason: 'invalid_request', message: 'This address takes a form.' });
  const fields = new URLSearchParams((await readBody(ctx.req, maxFormBytes)).toString('utf8'));
  const entries = [...new Set(fields.keys())].map((name) => {
    const values = fields.getAll(name);
    const [only] = values;
    return [name, values.length === 1 && only !== undefined && !listFields.includes(name) ? only : values] as const;
  });
  // Without a prototype: a field named `__proto__` is a field like any other, and unknown.
  return Object.assign(Object.create(null) as object, Object.fromEntries(entries));
}

/** What a person can put right is said beside the field; what only a program can get wrong is refused. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** Which fields break the form's rules; empty when none does. */
export function findInvalidFields(validate: Validator, form: Form): readonly string[] {
  return [...new Set((validate({ ...form }) ?? []).map(({ field }) => field.split('.')[0] ?? field))];
}

/** The field's text; empty when it is absent or a list. */
export function fieldText(form: Form, name: string): string {
  const value = form[name];
  return typeof value === 'string' ? value : '';
}

export function fieldList(form: Form, name: string): readonly string[] {
  const value = form[name];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
