/**
 * Why an answer ended before it was complete. `client_left`: the client closed its connection. `client_stalled`: it did
 * not read. `stopping`: the proxy stopped. `revocations_unheard`: the proxy no longer received notifications of
 * revocations. `body_refused`: the rest of the answer may not be passed on.
 */
export type CutOff =
  | 'client_left'
  | 'client_stalled'
  | 'grant_revoked'
  | 'grant_ended'
  | 'revocations_unheard'
  | 'time_limit_reached'
  | 'stopping'
  | 'upstream_failed'
  | 'upstream_timeout'
  | 'body_refused';
