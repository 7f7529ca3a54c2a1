import { loadSpecification, parseJson, type Validator } from '@aipassport/contracts';
import type { Context } from '../context.js';
import { readBody } from '../read-body.js';
import { invalid } from './refusals.js';
import type { Specified } from './specified.js';

/** The schemas of the bodies that the JSON API takes. */
const schemas = [
  'AccountChange',
  'GrantChange',
  'ProviderKeyChange',
  'NewOwnClient',
  'OwnClientChange',
  'SecretRotation',
  'InstanceChange',
] as const;
type BodyName = (typeof schemas)[number];

/** Validators of the bodies, compiled from `openapi/authorization-server.yaml`. */
export type Bodies = Readonly<Record<BodyName, Validator>>;

export function compileBodies(): Bodies {
  const { compile } = loadSpecification('authorization-server');
  const entries = schemas.map((name) => [name, compile(`/components/schemas/${name}`)] as const);
  return Object.fromEntries(entries) as Bodies; // `fromEntries` loses the type of the keys
}

/**
 * Reads the JSON of a request.
 * @throws Denied with the member that breaks a rule of the specification
 */
export async function readJson<Name extends BodyName>(
  { bodies }: { readonly bodies: Bodies },
  ctx: Context,
  name: Name,
): Promise<Specified[Name]> {
  if (ctx.is('application/json') !== 'application/json')
    throw invalid('body', 'must be JSON, sent with the header Content-Type: application/json');
  const body = parseJson((await readBody(ctx)).toString());
  if (body === undefined) throw invalid('body', 'must be JSON');
  const [violation] = bodies[name](body) ?? [];
  if (violation !== undefined) throw invalid(violation.field === '' ? 'body' : violation.field, violation.message);
  return body as Specified[Name]; // the validator of this schema accepted it
}
