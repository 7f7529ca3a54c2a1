/** A refusal. It changes nothing that the audit log would record, so it is only counted. */
export interface Refusal {
  readonly event: 'client_authentication_failed' | 'request_refused' | 'sign_in_limited';
  /** The reason, as in the server's log. Undefined: the kind of the event is the reason. */
  readonly reason?: string | undefined;
  readonly accountId?: string | undefined;
  /** Instead of `accountId`, when only the e-mail address that was typed is known. It is not stored. */
  readonly email?: string | undefined;
  readonly clientId?: string | undefined;
  readonly grantId?: string | undefined;
  readonly requestId: string;
  /** The IP address; undefined when the server does not know it. */
  readonly ipAddress?: string | undefined;
}

/** The number of refusals of a subject. The request and the IP address are those of the last refusal. */
export interface CountedRefusal extends Refusal {
  readonly count: number;
}
