import { type AdminComponents, loadSpecification, parseJson, type Validator } from '@aipassport/contracts';
import type { Context } from '../context.js';
import { readBody } from '../read-body.js';
import { invalid } from './refusals.js';
import type { Specified } from './specified.js';

/** The schemas of the bodies that the API for accounts and operators takes. */
const accountSchemas = [
  'AccountChange',
  'GrantChange',
  'ProviderKeyChange',
  'NewOwnClient',
  'OwnClientChange',
  'SecretRotation',
  'InstanceChange',
] as const;
/** The schemas of the bodies that the admin API takes. */
const adminSchemas = ['NewInvitation', 'NewClient', 'ClientChange', 'LimitsChange', 'AccountLimitsChange'] as const;

type BodyName = (typeof accountSchemas | typeof adminSchemas)[number];
type BodySchemas = Specified & AdminComponents['schemas'];

/** Validators of the bodies, compiled from the specifications. */
export type Bodies = Readonly<Record<BodyName, Validator>>;

export function compileBodies(): Bodies {
  const entries = [...compileSchemas('authorization-server', accountSchemas), ...compileSchemas('admin', adminSchemas)];
  return Object.fromEntries(entries) as Bodies; // `fromEntries` loses the type of the keys
}

function compileSchemas(specification: 'authorization-server' | 'admin', names: readonly BodyName[]) {
  const { compile } = loadSpecification(specification);
  return names.map((name) => [name, compile(`/components/schemas/${name}`)] as const);
}

/**
 * Reads the JSON of a request.
 * @throws Denied with the member that breaks a rule of the specification
 */
export async function readJson<Name extends BodyName>(
  { bodies }: { readonly bodies: Bodies },
  ctx: Context,
  name: Name,
): Promise<BodySchemas[Name]> {
  if (ctx.is('application/json') !== 'application/json')
    throw invalid('body', 'must be JSON, sent with the header Content-Type: application/json');
  const body = parseJson((await readBody(ctx)).toString());
  if (body === undefined) throw invalid('body', 'must be JSON');
  const [violation] = bodies[name](body) ?? [];
  if (violation !== undefined) throw invalid(violation.field === '' ? 'body' : violation.field, violation.message);
  return body as BodySchemas[Name]; // the validator of this schema accepted it
}
