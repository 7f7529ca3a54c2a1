import { Denied, type WrongMember } from '../denials/denial.js';

/** How many wrong members an answer names, so that a large body does not make a large answer. */
const maxNamed = 50;

/** The request has a value that the operation does not take. @param member the member of the body, or the parameter */
export function invalid(member: string, rule: string): Denied {
  return new Denied({ reason: 'api_value_invalid', wrong: [{ member, rule }] });
}

/**
 * Refuses a request in one answer that names every wrong member, each with one rule.
 * @param wrong what breaks the specification
 * @param further what breaks other rules. If a member breaks the specification, the other rules were checked without
 *   it, so what they say about it is left out
 */
export function requireNoneWrong(wrong: readonly WrongMember[], further: readonly WrongMember[] = []): void {
  const isChecked = ({ member }: WrongMember) =>
    !wrong.some((one) => isWithin(member, one) || isWithin(one.member, { member }));
  const all = [...wrong, ...further.filter(isChecked)];
  const [first, ...others] = all
    .filter(({ member }, index) => all.findIndex((one) => one.member === member) === index)
    .slice(0, maxNamed);
  if (first !== undefined) throw new Denied({ reason: 'api_value_invalid', wrong: [first, ...others] });
}

function isWithin(path: string, { member }: Pick<WrongMember, 'member'>): boolean {
  return path === member || path.startsWith(`${member}.`);
}

/** The request is right, but the present state does not allow it. */
export function conflict(problem: string): Denied {
  return new Denied({ reason: 'api_conflict', problem });
}

/** The object does not exist, or it belongs to another account. */
export function unknownObject(): Denied {
  return new Denied({ reason: 'api_object_unknown' });
}
