import type { Validator } from '@aipassport/contracts';
import { countCharacters } from './account/password-policy.js';
import type { Context } from './context.js';
import { Denied } from './denials/denial.js';

export interface Form {
  /** The fields as text. In the place of a secret there is a placeholder. */
  readonly [name: string]: string | readonly string[];
}

/** Fields that may be repeated. They are always lists. */
const listFields: readonly string[] = [
  'scope',
  'notices',
  'permissions',
  'admin_scopes',
  'existing_grant',
  'shown_key',
];
/** The names of the secret fields. Their values are bytes, which are overwritten: see `readSecretField`. */
export const secretFields: readonly string[] = ['password', 'new_password', 'recovery_code', 'code', 'key'];

/**
 * The fields of a submitted form, each as text. A field that may appear only once but is repeated stays a list, which
 * validators refuse. Each secret is replaced with a placeholder of the same length, which validators can check.
 */
export function readForm(ctx: Context): Form {
  const { form: parameters } = ctx.state;
  if (parameters === undefined) throw new Denied({ reason: 'form_missing' });
  const fields = Map.groupBy(parameters, ({ name }) => name);
  const entries = [...fields].map(([name, found]) => {
    const values = found.map(({ value }) => (secretFields.includes(name) ? mask(value) : value.toString()));
    const [only] = values;
    return [name, values.length === 1 && only !== undefined && !listFields.includes(name) ? only : values] as const;
  });
  // The object has no prototype. A field named `__proto__` is therefore treated like any other unknown field.
  return Object.assign(Object.create(null) as Form, Object.fromEntries(entries));
}

/** A placeholder with as many characters as the secret. */
function mask(secret: Uint8Array): string {
  return '*'.repeat(countCharacters(secret));
}

/**
 * Reads a secret field, in UTF-8; empty when it is absent. SECRET: the bytes are overwritten after the answer. A caller
 * may overwrite them earlier, once it no longer needs them.
 */
export function readSecretField(ctx: Context, name: string): Buffer {
  return ctx.state.form?.find((parameter) => parameter.name === name)?.value ?? Buffer.alloc(0);
}

/**
 * A mistake that a person can make in a form. It is shown beside the field. After a mistake that only a program can
 * make, the request is refused instead (`Denied`).
 */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** The fields that break the form's rules; empty when there are none. */
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
