// Members of a client's metadata that are our own.

/**
 * The member that says who registered a client. Clients cannot set this member: its value comes from a column of our
 * own.
 */
export const registeredByMember = 'registered_by';

/**
 * A client's profile. Clients cannot set this member: its value comes from a table of our own, which is written only
 * when the operator adds the client.
 */
export const profileMember = 'aipassport_profile';

/**
 * The algorithm of a client's ID tokens. The standard member is not used: a server of the previous release refuses a
 * client whose standard member has a value other than ES256.
 */
export const idTokenAlgorithmMember = 'id_token_alg';

/**
 * What a client of the operator may do through the admin API. Clients cannot set this member: its value comes from a
 * table that only the operator's command writes.
 */
export const adminScopesMember = 'aipassport_admin_scopes';
