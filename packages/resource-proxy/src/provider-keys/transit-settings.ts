import {
  baseUrl,
  ConfigurationError,
  defineEnvironment,
  describeFileProblem,
  type EnvironmentSource,
  filePath,
  optional,
  text,
} from '@aipassport/contracts';

/** The settings of the connection to a transit engine. The operator's commands read them too. */
export const transitVariables = {
  SEALING_TRANSIT_URL: optional(baseUrl(), {
    description:
      'The URL of the OpenBao or Vault whose transit engine opens API keys, if the sealing key is there and not in the file. See docs/operations.md.',
  }),
  SEALING_TRANSIT_TOKEN_FILE: optional(filePath, {
    description: 'A file with the token for `SEALING_TRANSIT_URL`. It is read again for each request to the engine.',
  }),
  SEALING_TRANSIT_CA_FILE: optional(filePath, {
    description:
      'A PEM file with the certificates that `SEALING_TRANSIT_URL` is verified with. By default those that Node.js trusts.',
  }),
  SEALING_TRANSIT_NAMESPACE: optional(text, {
    description: 'The namespace of the transit engine, in an OpenBao or a Vault that has namespaces.',
  }),
};

const environment = defineEnvironment(transitVariables);

export interface TransitSettings {
  /** Without a slash at the end. */
  readonly url: string;
  readonly namespace: string | undefined;
  /** PEM; undefined: the certificates that Node.js trusts. */
  readonly certificates: string | undefined;
  /** SECRET: the current token. @throws Error when its file cannot be read; the message names no content */
  readonly readToken: () => string;
}

/** @returns undefined when no transit engine is set. @throws ConfigurationError */
export function readTransitSettings(source: EnvironmentSource): TransitSettings | undefined {
  const values = environment.read(source);
  const { SEALING_TRANSIT_URL: url, SEALING_TRANSIT_TOKEN_FILE: tokenFile, SEALING_TRANSIT_CA_FILE: caFile } = values;
  if (url === undefined) return undefined;
  if (tokenFile === undefined)
    throw new ConfigurationError('configuration: SEALING_TRANSIT_TOKEN_FILE: is missing; SEALING_TRANSIT_URL needs it');
  const readToken = () => readFile(source, 'SEALING_TRANSIT_TOKEN_FILE', tokenFile).trim();
  const certificates = caFile === undefined ? undefined : readFile(source, 'SEALING_TRANSIT_CA_FILE', caFile);
  return { url, namespace: values.SEALING_TRANSIT_NAMESPACE, certificates, readToken };
}

function readFile(source: EnvironmentSource, variable: string, path: string): string {
  try {
    return source.readFile(path);
  } catch (error) {
    throw new ConfigurationError(`configuration: ${variable}: ${describeFileProblem(error)}`);
  }
}
