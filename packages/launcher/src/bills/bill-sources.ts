import { optional, secret, type Variable } from '@aipassport/contracts';
import type { BillSource } from './bill.js';
import { anthropicBill } from './vendors/anthropic-bill.js';
import { openaiBill } from './vendors/openai-bill.js';
import { openrouterBill } from './vendors/openrouter-bill.js';

/** The upstreams whose bill can be compared with the ledger, by the name of the upstream. */
export const billSources: ReadonlyMap<string, BillSource> = new Map([
  ['openai', openaiBill],
  ['anthropic', anthropicBill],
  ['openrouter', openrouterBill],
]);

/** The admin keys. Only the command `reconcile` reads them: no server gets one. */
export const adminKeyVariables = {
  OPENAI_ADMIN_KEY: describe(openaiBill),
  ANTHROPIC_ADMIN_KEY: describe(anthropicBill),
  OPENROUTER_ADMIN_KEY: describe(openrouterBill),
};

function describe({ label, adminKeyName }: BillSource): Variable<string | undefined> {
  return optional(secret, {
    description: `For \`aipassport reconcile\` only: ${adminKeyName} at ${label}, which may read costs. No server gets it.`,
  });
}
