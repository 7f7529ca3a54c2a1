import { type OpenApiFile, openApiFiles, readOpenApiFile } from '@aipassport/contracts';
import type { Configuration } from '../configuration.js';

export interface SpecificationFile {
  readonly mediaType: string;
  readonly text: string;
}

/** The `servers` of a specification: by default the URLs of a server that `npm start` starts. */
const servers = /^servers:\n(?: .*\n)+/m;

type PublicUrls = Pick<Configuration, 'issuer' | 'resourceProxyUrl'>;

/** The files below `openapi/`, with the URLs of this installation. */
export function readSpecificationFiles(urls: PublicUrls): ReadonlyMap<string, SpecificationFile> {
  return new Map(openApiFiles.map((name) => [name, readFile(name, urls)]));
}

function readFile(name: OpenApiFile, { issuer, resourceProxyUrl }: PublicUrls): SpecificationFile {
  const text = readOpenApiFile(name);
  if (name === 'ai-access.schema.json') return { mediaType: 'application/schema+json', text };
  const url = name === 'resource-proxy.yaml' ? resourceProxyUrl : issuer;
  return { mediaType: 'application/yaml', text: text.replace(servers, `servers:\n  - url: ${url}\n`) };
}
