import { limitKinds, limitTable } from '@aipassport/policy';
import type { ChosenNotice, ListedEvent } from '@aipassport/store/authorization';
import { limitWords } from '../limits/limit-words.js';
import { noticeTexts } from '../mail/notice-texts.js';
import type { FixedId, Texts } from '../texts/texts.js';

interface ChangesView {
  readonly timeZone: string;
  readonly texts: Texts;
}

type Detail = ListedEvent['detail'];

/** A value that an event can change: its member in the event's detail, its name, and how it is written. */
interface Changing {
  readonly member: string;
  readonly label: FixedId;
  readonly write: (value: string | number, view: ChangesView) => string;
  /** The text for a missing value; by default, that there is no limit. */
  readonly none?: FixedId;
  /**
   * Whether the value is shown although the event has no earlier value. The event of a new account has none: it
   * contains the limit with which the account begins.
   */
  readonly mayBegin?: boolean;
}

/** An amount is a text of whole nano-US-dollars. */
const writeMoney: Changing['write'] = (value, { texts }) => texts.limit(BigInt(value));
const writeTime: Changing['write'] = (value, { texts, timeZone }) => texts.time(new Date(value), timeZone);
const writeText: Changing['write'] = (value) => String(value);
const writeDuration: Changing['write'] = (value, { texts }) => texts.duration(Number(value));

/** The names of notices, separated by spaces. A newer release may have other notices. */
const writeNotices: Changing['write'] = (value, { texts }) => {
  const names = String(value)
    .split(' ')
    .filter((name) => name !== '');
  if (names.length === 0) return texts('events.noNotice');
  const write = (name: string) => (Object.hasOwn(noticeTexts, name) ? texts(noticeTexts[name as ChosenNotice]) : name); // `hasOwn` checks the type
  return names.map((name) => texts('events.noticeWhen', { notice: write(name) })).join('; ');
};

const termsOfGrant: readonly Changing[] = [
  ...limitKinds.map((kind): Changing => {
    const { column: member, unit } = limitTable[kind];
    const { label } = limitWords[kind];
    return { member, label, write: unit === 'usd' ? writeMoney : (value, { texts }) => texts.count(Number(value)) };
  }),
  { member: 'expires_at', label: 'limits.accessEnds', write: writeTime },
];
const overallLimit: readonly Changing[] = [
  { member: 'max_cost_per_month', label: 'events.overallLimit', write: writeMoney, mayBegin: true },
];

const changing: Readonly<Partial<Record<NonNullable<ListedEvent['kind']>, readonly Changing[]>>> = {
  account_created: overallLimit,
  account_limit_changed: overallLimit,
  account_operator_cap_changed: [{ member: 'max_cost_per_month', label: 'operator.accountCap', write: writeMoney }],
  defaults_changed: [
    { member: 'max_cost', label: 'limits.maxCost', write: writeMoney, none: 'events.noDefault' },
    { member: 'lifetime_seconds', label: 'limits.accessEnds', write: writeDuration, none: 'events.noDefault' },
  ],
  grant_changed: termsOfGrant,
  limits_changed: termsOfGrant,
  notices_changed: [{ member: 'muted', label: 'events.mutedNotices', write: writeNotices }],
  operator_caps_changed: [
    { member: 'max_cost_per_month', label: 'operator.capOfAll', write: writeMoney },
    { member: 'max_cost_per_month_per_account', label: 'operator.capOfAccount', write: writeMoney },
  ],
  time_zone_changed: [{ member: 'time_zone', label: 'events.timeZone', write: writeText }],
};

/**
 * Says what an event has changed, from which value to which: `Total spending limit: $1.00 → $5.00`. Values are left out
 * if they stayed the same. An event of an earlier release does not contain the values before the change.
 */
export function describeChanges(
  { kind, detail }: Pick<ListedEvent, 'kind' | 'detail'>,
  view: ChangesView,
): readonly string[] {
  const lines = (kind === undefined ? [] : (changing[kind] ?? [])).map((one) => describeChange(one, detail, view));
  const { scope, scope_before: before } = detail;
  if (before !== undefined && before !== scope) lines.push(view.texts('events.scopeChanged'));
  return lines.filter((line) => line !== undefined);
}

function describeChange(
  { member, label, write, none = 'limits.none', mayBegin = false }: Changing,
  detail: Detail,
  view: ChangesView,
): string | undefined {
  const { texts } = view;
  const say = (value: unknown) =>
    typeof value === 'string' || typeof value === 'number' ? write(value, view) : texts(none);
  const after = say(detail[member]);
  if (`${member}_before` in detail) {
    const before = say(detail[`${member}_before`]);
    return before === after ? undefined : texts('events.change', { label: texts(label), before, after });
  }
  return mayBegin && member in detail ? texts('events.begin', { label: texts(label), after }) : undefined;
}
