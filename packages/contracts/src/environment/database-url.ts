/**
 * The values of `sslmode` in a database's URL: the values of libpq (PostgreSQL's own library), and `no-verify` of
 * node-postgres.
 */
const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const;
export type SslMode = (typeof sslModes)[number];

/** A parsed database URL. */
export interface DatabaseUrl {
  /**
   * SECRET: one URL for each host, in the order in which the hosts are tried. The URLs lack the parameters that the
   * other members contain.
   */
  readonly urls: readonly [string, ...string[]];
  readonly sslMode: SslMode | undefined;
  /** Paths of files: the certificate of the trusted authority, and our own certificate with its private key. */
  readonly sslRootCertificate: string | undefined;
  readonly sslCertificate: string | undefined;
  readonly sslKey: string | undefined;
  /** Whether only hosts that accept writes are used. */
  readonly needsReadWrite: boolean;
}

// oxlint-disable-next-line regexp/no-super-linear-backtracking -- the text comes from the operator's settings, so slow matching is no attack
const parts = /^(postgres(?:ql)?:\/\/)((?:[^/?#]*@)?)([^/?#]*)([^?#]*)(?:\?([^#]*))?$/;
const ownParameters = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'target_session_attrs'];

/**
 * Reads the URL of a database: `postgres://user:password@one:5432,other:5432/name?sslmode=verify-full`. The class URL
 * does not support several hosts. The driver supports neither several hosts nor all values of `sslmode`.
 *
 * @throws Error whose message contains no part of the URL
 */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  const [, scheme, user, hosts, path, query = ''] = parts.exec(text) ?? fail('must be a `postgres://` URL');
  const parameters = new URLSearchParams(query);
  const left = query.split('&').filter((each) => !ownParameters.includes(each.split('=', 1)[0] ?? ''));
  const urls = (hosts ?? '')
    .split(',')
    .map((host) => `${scheme}${user}${host}${path}${left.join('&') === '' ? '' : `?${left.join('&')}`}`);
  const [first, ...others] = urls;
  if (others.length > 0 && (hosts ?? '').split(',').includes('')) fail('has a host without a name');
  if (first === undefined || !urls.every((url) => URL.canParse(url))) fail('must be a `postgres://` URL');
  if (parameters.get('host')?.includes(',') === true) fail('must name several hosts before the path, not as `host`');
  return {
    urls: [first, ...others],
    ...readSsl(parameters),
    needsReadWrite: readSessionAttributes(parameters) ?? others.length > 0,
  };
}

/** Whether the server's identity is not verified, although the connection is encrypted or may be. */
export function isUnverified({ sslMode, sslRootCertificate }: DatabaseUrl): boolean {
  if (sslMode === 'require') return sslRootCertificate === undefined;
  return sslMode === 'allow' || sslMode === 'prefer' || sslMode === 'no-verify';
}

function readSsl(parameters: URLSearchParams) {
  const given = parameters.get('sslmode') ?? undefined;
  const sslMode = sslModes.find((mode) => mode === given);
  if (given !== undefined && sslMode === undefined) fail(`has an \`sslmode\` that is none of ${sslModes.join(', ')}`);
  const sslRootCertificate = parameters.get('sslrootcert') ?? undefined;
  if (sslMode === 'verify-ca' && sslRootCertificate === undefined)
    fail('needs `sslrootcert` for `sslmode=verify-ca`: any public authority would be taken otherwise');
  return {
    // A URL that names a certificate authority asks for verification by that authority.
    sslMode: sslMode ?? (sslRootCertificate === undefined ? undefined : ('verify-full' as const)),
    sslRootCertificate,
    sslCertificate: parameters.get('sslcert') ?? undefined,
    sslKey: parameters.get('sslkey') ?? undefined,
  };
}

/**
 * Refuses the values that choose or prefer read-only hosts, because our servers write.
 * @returns whether only hosts that accept writes are used; undefined when the URL does not say
 */
function readSessionAttributes(parameters: URLSearchParams): boolean | undefined {
  const given = parameters.get('target_session_attrs');
  if (given === null) return undefined;
  if (given === 'read-write' || given === 'primary') return true;
  return given === 'any' ? false : fail('has a `target_session_attrs` that is none of read-write, primary, any');
}

function fail(problem: string): never {
  throw new Error(problem);
}
