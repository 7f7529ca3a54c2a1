import { Denied } from '../denials/denial.js';

/** The request has a value that the operation does not take. @param member the member of the body, or the parameter */
export function invalid(member: string, rule: string): Denied {
  return new Denied({ reason: 'api_value_invalid', member, rule });
}

/** The request is right, but the present state does not allow it. */
export function conflict(problem: string): Denied {
  return new Denied({ reason: 'api_conflict', problem });
}

/** The object is not there, or it belongs to another account. */
export function unknownObject(): Denied {
  return new Denied({ reason: 'api_object_unknown' });
}
