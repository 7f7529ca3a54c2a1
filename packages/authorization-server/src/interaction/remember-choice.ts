import { parseUsd } from '@aipassport/policy';
import type { Database } from '@aipassport/store';
import {
  type ConsentDefaults,
  findConsentDefaults,
  type OwnerSession,
  updateConsentDefaults,
} from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import { isPrefillRaised } from '../limits/prefill-bounds.js';
import type { Form } from '../read-form.js';
import { type ConsentFields, readConsentFields } from './consent-fields.js';

/**
 * Remembers the spending limit and the lifetime that the owner chose for an app, if the owner wants them filled in for
 * other apps. A choice of no limit and a choice of a date are not remembered.
 */
export async function rememberChoice(db: Database, { accountId }: OwnerSession, form: Form): Promise<void> {
  const fields = readConsentFields(form).fields;
  if (fields.remembers) await updateConsentDefaults(db, accountId, readDefaults(fields));
}

/**
 * Whether the owner wants a choice remembered that raises a default for other apps. This requires a recent sign-in, as
 * in the settings.
 */
export async function raisesDefaults(
  { db, configuration }: Pick<Dependencies, 'db' | 'configuration'>,
  { accountId }: OwnerSession,
  fields: ConsentFields,
): Promise<boolean> {
  if (!fields.remembers) return false;
  const before = await findConsentDefaults(db, accountId);
  const { maxCost = before.maxCost, lifetimeSeconds = before.lifetimeSeconds } = readDefaults(fields);
  return isPrefillRaised(configuration.suggestedLimits, before, { maxCost, lifetimeSeconds });
}

function readDefaults({ limits, expiresIn }: ConsentFields): Partial<ConsentDefaults> {
  return {
    maxCost: parseUsd(limits.maxCost),
    lifetimeSeconds: /^\d+$/.test(expiresIn) ? Number(expiresIn) : undefined,
  };
}
