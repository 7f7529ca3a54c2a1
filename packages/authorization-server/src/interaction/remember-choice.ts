import { parseUsd } from '@aipassport/policy';
import type { Database } from '@aipassport/store';
import { type OwnerSession, updateConsentDefaults } from '@aipassport/store/authorization';
import type { Form } from '../read-form.js';
import { readConsentFields } from './consent-fields.js';

/**
 * Remembers the spending limit and the lifetime that the owner chose for an app, if the owner wants them filled in for
 * other apps. A choice of no limit and a choice of a date are not remembered.
 */
export async function rememberChoice(db: Database, { accountId }: OwnerSession, form: Form): Promise<void> {
  const { remembers, limits, expiresIn } = readConsentFields(form).fields;
  if (!remembers) return;
  await updateConsentDefaults(db, accountId, {
    maxCost: parseUsd(limits.maxCost),
    lifetimeSeconds: /^\d+$/.test(expiresIn) ? Number(expiresIn) : undefined,
  });
}
