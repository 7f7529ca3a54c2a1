import { isUsdKind, limitKinds, limitTable, parseScopeToken, parseTypedUsd, visibleText } from '@aipassport/policy';
import { chosenNotices } from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import { describePermission } from '../describe-permission.js';
import { limitWords } from '../limits/limit-words.js';
import { noticeTexts } from '../mail/notice-texts.js';
import { clientTypeNames } from '../pages/client-form-page.js';
import type { FixedId, Texts } from '../texts/texts.js';
import type { KeptForm } from './kept-form.js';

/** A field of a kept form in words. */
export interface KeptEntry {
  readonly label: string;
  readonly values: readonly string[];
}

/** Fields that only say what the form's page showed, or to which page the answer leads. */
const silentFields = /^(shown|asked|shown_\w+|limit|return_to|grant_id|act|subject)$/;

const fieldLabels: Readonly<Record<string, FixedId>> = {
  ...Object.fromEntries(limitKinds.map((kind) => [limitTable[kind].member, limitWords[kind].label])),
  accept_no_limit: 'spending.acceptNone',
  admin_scopes: 'tokens.admin',
  cap_of_account_usd: 'operator.capOfAccount',
  cap_of_all_usd: 'operator.capOfAll',
  cap_usd: 'operator.accountCap',
  client_id: 'operator.clientId',
  email: 'common.email',
  event: 'operator.event',
  expires_in: 'limits.accessEnds',
  expires_on: 'limits.accessEnds',
  format: 'password.keptFormat',
  lifetime_days: 'tokens.validFor',
  lifetime_seconds: 'limits.accessEnds',
  name: 'clients.name',
  note: 'password.keptNote',
  notices: 'email.noticesLegend',
  overlap: 'clients.overlap',
  permissions: 'tokens.permissions',
  policy_uri: 'consent.privacyPolicy',
  redirect_uris: 'clients.redirects',
  scope: 'password.keptScope',
  site: 'clients.site',
  time_zone: 'settings.timeZoneLabel',
  tos_uri: 'consent.terms',
  type: 'clients.type',
};

/** Whether the page has words for a field of a kept form, or does not show it because it changes nothing. */
export function hasWords(field: string): boolean {
  return silentFields.test(field) || fieldLabels[field] !== undefined;
}

/**
 * Lists the fields of a kept form and their values in words, so that the owner sees what the form changes before
 * sending it. A field without words of its own is shown by its name.
 */
export function describeKeptForm(
  deps: Pick<Dependencies, 'configuration'>,
  { fields }: Pick<KeptForm, 'fields'>,
  texts: Texts,
): readonly KeptEntry[] {
  return [...Map.groupBy(fields, ([name]) => name)].flatMap(([name, found]) => {
    if (silentFields.test(name)) return [];
    const label = fieldLabels[name];
    const written = found.map(([, value]) => writeValue(name, value, { ...deps, texts })).filter((text) => text !== '');
    return written.length === 0 ? [] : [{ label: label === undefined ? name : texts(label), values: written }];
  });
}

type Writer = Pick<Dependencies, 'configuration'> & { readonly texts: Texts };

const daySeconds = 86_400;

/** @returns an empty text for a value that changes nothing */
function writeValue(name: string, value: string, writer: Writer): string {
  const { texts } = writer;
  const kind = limitKinds.find((one) => limitTable[one].member === name);
  if (kind !== undefined) return isUsdKind(kind) ? writeAmount(value, texts) : writeCount(value, texts);
  switch (name) {
    case 'cap_of_account_usd':
    case 'cap_of_all_usd':
    case 'cap_usd':
      return writeAmount(value, texts, 'operator.noCap');
    case 'accept_no_limit':
      return texts('operator.yes');
    case 'expires_in':
      return value === 'unchanged'
        ? texts('password.keptUnchanged')
        : value === 'date'
          ? ''
          : writeDuration(value, 1, texts);
    case 'lifetime_seconds':
      return value === '' ? texts('password.keptAsAsked') : writeDuration(value, 1, texts);
    case 'lifetime_days':
      return writeDuration(value, daySeconds, texts);
    case 'overlap':
      return value === '0' ? texts('clients.overlapNone') : writeDuration(value, 1, texts);
    default:
      return writeWord(name, value, writer);
  }
}

/** Values from a list, such as the kinds of e-mails. Any other text is shown as it was typed. */
function writeWord(name: string, value: string, { configuration, texts }: Writer): string {
  const notice = chosenNotices.find((one) => one === value);
  if (name === 'notices' && notice !== undefined) return texts(noticeTexts[notice]);
  const type = (['web', 'spa', 'terminal'] as const).find((one) => one === value);
  if (name === 'type' && type !== undefined) return texts(clientTypeNames[type]);
  const permission = (['manage', 'developer', 'operator'] as const).find((one) => one === value);
  if (name === 'permissions' && permission !== undefined) return texts(`tokens.${permission}`);
  const token = name === 'scope' ? parseScopeToken(value, configuration.models) : undefined;
  return token === undefined
    ? visibleText(value)
    : texts.say(describePermission(token, configuration.models.upstreams).title);
}

function writeAmount(value: string, texts: Texts, none: 'limits.none' | 'operator.noCap' = 'limits.none'): string {
  const amount = parseTypedUsd(value);
  if (amount !== undefined) return texts.limit(amount);
  return value.trim() === '' ? texts(none) : visibleText(value);
}

function writeCount(value: string, texts: Texts): string {
  if (value.trim() === '') return texts('limits.none');
  return /^\d{1,9}$/.test(value) ? texts.limit(Number(value)) : visibleText(value);
}

function writeDuration(value: string, unitSeconds: number, texts: Texts): string {
  return /^\d{1,9}$/.test(value) ? texts.duration(Number(value) * unitSeconds) : visibleText(value);
}
