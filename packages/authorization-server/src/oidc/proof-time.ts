/**
 * How many seconds the `iat` of a client's proof or assertion may be ahead of this server's clock. FAPI 2.0 Security
 * Profile, section 5.3.2.1: ten seconds must be accepted, and more than sixty must be refused.
 */
export const maxSecondsAhead = 60;
