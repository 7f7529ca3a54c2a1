import type { SpecificationName } from '@aipassport/contracts';
import { type Reference, readReference } from './reference.js';
import { readSpecificationFiles, type SpecificationFile } from './specification-files.js';

/** The documents for developers: the API reference, and the specifications from which it is made. */
export interface DeveloperDocuments {
  readonly references: readonly Reference[];
  readonly files: ReadonlyMap<string, SpecificationFile>;
}

export const specificationNames = [
  'authorization-server',
  'resource-proxy',
  'admin',
] as const satisfies readonly SpecificationName[];

export function readDeveloperDocuments(urls: Parameters<typeof readSpecificationFiles>[0]): DeveloperDocuments {
  return { references: specificationNames.map(readReference), files: readSpecificationFiles(urls) };
}
