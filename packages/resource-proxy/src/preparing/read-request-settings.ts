import { ConfigurationError, type EnvironmentSource } from '@aipassport/contracts';
import { MalformedFields, noRequestFields, parseRequestFields } from './request-fields.js';
import { createRequestRules, type RequestSettings, type UnknownFields } from './request-rules.js';

/**
 * Reads the operator's settings for requests, with the file that `REQUEST_FIELDS_FILE` names.
 * @throws ConfigurationError that names the place in the file and the rule
 */
export function readRequestSettings(
  { readFile }: Pick<EnvironmentSource, 'readFile'>,
  { path, unknownFields }: { readonly path: string | undefined; readonly unknownFields: UnknownFields },
): RequestSettings {
  if (path === undefined) return { unknownFields, fields: noRequestFields };
  try {
    const settings = { unknownFields, fields: parseRequestFields(readFile(path)) };
    createRequestRules(settings);
    return settings;
  } catch (cause) {
    const problem = cause instanceof MalformedFields ? cause.message : 'the file cannot be read';
    throw new ConfigurationError(`configuration: REQUEST_FIELDS_FILE: ${problem}`, { cause });
  }
}
