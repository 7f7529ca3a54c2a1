/** The URLs of this client and of the servers that it talks to. */
export interface DemoAppConfig {
  readonly host: string;
  readonly port: number;
  /** The authorization server's issuer identifier (RFC 8414), without a trailing slash. */
  readonly issuer: string;
  /** The start of the SDKs' base URLs, without a trailing slash. */
  readonly resourceProxyUrl: string;
  /** The URL at which browsers reach this app; `undefined`: made from host and port. The redirect URI is below it. */
  readonly demoAppUrl: string | undefined;
  /** The file that keeps the client registration; `undefined`: it is kept only until the process ends. */
  readonly dataFile: string | undefined;
}

/** Reads the configuration from environment variables. Throws one error that names everything that is wrong. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): DemoAppConfig {
  const problems: string[] = [];
  const readUrl = (name: string, fallback: string): string => {
    const url = parseBaseUrl(variables[name] ?? fallback);
    if (url === undefined) problems.push(`${name} must be an http(s) URL such as ${fallback}.`);
    return url ?? fallback;
  };

  const demoAppUrl = variables['DEMO_APP_URL'];
  if (demoAppUrl !== undefined && URL.parse(demoAppUrl)?.pathname !== '/') {
    problems.push('DEMO_APP_URL must be an origin, without a path.');
  }
  const port = parsePort(variables['PORT'] ?? '4200');
  if (port === undefined) problems.push('PORT must be a number from 0 to 65535.');
  const config: DemoAppConfig = {
    host: variables['HOST'] ?? '127.0.0.1',
    port: port ?? 4200,
    issuer: readUrl('ISSUER', 'http://localhost:4000'),
    resourceProxyUrl: readUrl('RESOURCE_PROXY_URL', 'http://localhost:4100'),
    demoAppUrl: demoAppUrl === undefined ? undefined : readUrl('DEMO_APP_URL', 'http://127.0.0.1:4200'),
    dataFile: variables['DATA_FILE'],
  };
  if (problems.length > 0) throw new Error(problems.join(' '));
  return config;
}

function parsePort(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port <= 65_535 ? port : undefined;
}

function parseBaseUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined;
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return undefined;
  return url.href.replace(/\/$/, '');
}
