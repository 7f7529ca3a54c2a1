import {
  findAccount,
  findOwnedClient,
  findSpareKey,
  listPasskeys,
  type OwnerSession,
} from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import { describeClient } from '../describe-client.js';
import { findPathValue, paths } from '../endpoints.js';
import { findChange } from '../operator/changes.js';
import type { Message, Texts } from '../texts/texts.js';
import { getOwnGrant } from './grant.js';
import type { KeptForm } from './kept-form.js';

/** What a kept form changes, such as an app. */
export interface KeptSubject {
  readonly name: string;
  /** What the change does, in sentences; undefined when the name of the act says it. */
  readonly about?: Message;
}

interface Search {
  readonly owner: OwnerSession;
  readonly form: Pick<KeptForm, 'action' | 'fields'>;
  readonly texts: Texts;
}

type FindName = (deps: Dependencies, search: Search & { readonly value: string }) => Promise<string | undefined>;

const nameOwnClient: FindName = async ({ db }, { owner: { accountId }, value: clientId }) =>
  (await findOwnedClient(db, { accountId, clientId }))?.name;
const nameIdentityProvider: FindName = async ({ configuration }, { value }) =>
  configuration.identityProviders.find(({ name }) => name === value)?.label;
const nameAccount: FindName = async ({ db }, { owner, value }) =>
  owner.isOperator ? (await findAccount(db, value))?.email : undefined;

/** For each path whose value identifies the subject of its form: how to find the subject's name by that value. */
const names: readonly (readonly [template: string, find: FindName])[] = [
  [
    paths.grantLimits,
    async (deps, { owner, texts, value }) => describeClient(await getOwnGrant(deps, owner, value), texts),
  ],
  [
    paths.spareKeyDeletion,
    async ({ db, configuration }, { owner, value: id }) => {
      const key = await findSpareKey(db, { accountId: owner.accountId, id });
      return key && configuration.models.upstreams.labelOf(key.upstream);
    },
  ],
  [paths.keyDeletion, async ({ configuration }, { value }) => configuration.models.upstreams.labelOf(value)],
  [
    paths.passkeyRemoval,
    async ({ db }, { owner, value }) => (await listPasskeys(db, owner.accountId)).find(({ id }) => id === value)?.name,
  ],
  [paths.developerClientEdit, nameOwnClient],
  [paths.developerClientSecret, nameOwnClient],
  [paths.developerClientSecretsEnd, nameOwnClient],
  [paths.developerClientDeletion, nameOwnClient],
  [paths.identityConnection, nameIdentityProvider],
  [paths.identityRemoval, nameIdentityProvider],
  [paths.operatorAccountCap, nameAccount],
  [paths.operatorResetLink, nameAccount],
];

/**
 * @returns undefined for a form about the account itself, and when the subject does not exist any more
 * @throws Denied when the grant of the form is gone
 */
export async function findKeptSubject(deps: Dependencies, search: Search): Promise<KeptSubject | undefined> {
  const { action } = search.form;
  if (action === paths.operatorChange) return findSubjectOfChange(deps, search);
  for (const [template, find] of names) {
    const value = findPathValue(template, action);
    const name = value === undefined ? undefined : await find(deps, { ...search, value });
    if (name !== undefined) return { name };
  }
  return undefined;
}

/** The account, the client or the invitation that an operator's change concerns. */
async function findSubjectOfChange(deps: Dependencies, { owner, form }: Search): Promise<KeptSubject | undefined> {
  const { act = '', subject = '' } = Object.fromEntries(form.fields);
  const change = owner.isOperator ? findChange(act) : undefined;
  const shown = await change?.find(deps, subject, owner.accountId);
  return change && shown && { name: shown.name, about: change.about };
}
