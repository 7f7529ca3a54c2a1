import { type OpenApiFile, openApiFiles, readOpenApiFile } from '@aipassport/contracts';
import type { Configuration } from '../configuration.js';

export interface SpecificationFile {
  readonly mediaType: string;
  readonly text: string;
}

/** The `servers` of a specification: by default the addresses of a server that `npm start` starts. */
const servers = /^servers:\n(?: .*\n)+/m;

type Addresses = Pick<Configuration, 'issuer' | 'resourceProxyUrl'>;

/** The files below `openapi/`, with the addresses of this installation. */
export function readSpecificationFiles(addresses: Addresses): ReadonlyMap<string, SpecificationFile> {
  return new Map(openApiFiles.map((name) => [name, readFile(name, addresses)]));
}

function readFile(name: OpenApiFile, { issuer, resourceProxyUrl }: Addresses): SpecificationFile {
  const text = readOpenApiFile(name);
  if (name === 'ai-access.schema.json') return { mediaType: 'application/schema+json', text };
  const address = name === 'resource-proxy.yaml' ? resourceProxyUrl : issuer;
  return { mediaType: 'application/yaml', text: text.replace(servers, `servers:\n  - url: ${address}\n`) };
}
