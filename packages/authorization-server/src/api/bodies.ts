import { type AdminComponents, loadSpecification, parseJson, type Validator } from '@aipassport/contracts';
import { isJsonObject, type JsonObject } from '@aipassport/policy';
import type { Context } from '../context.js';
import type { WrongMember } from '../denials/denial.js';
import { readBody } from '../read-body.js';
import { invalid, requireNoneWrong } from './refusals.js';
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

/** A body that may break the specification, so that the other rules can be checked too before it is refused. */
export interface Draft<Body> {
  /** The members that follow the specification. Any other member is absent, even if it is required. */
  readonly sent: Partial<Body>;
  readonly wrong: readonly WrongMember[];
}

/**
 * Reads the JSON of a request that has no rules besides the specification.
 * @throws Denied with every member that breaks a rule of the specification
 */
export async function readJson<Name extends BodyName>(
  deps: { readonly bodies: Bodies },
  ctx: Context,
  name: Name,
): Promise<BodySchemas[Name]> {
  const { sent, wrong } = await readDraft(deps, ctx, name);
  requireNoneWrong(wrong);
  return sent as BodySchemas[Name]; // the validator of this schema accepted it
}

/**
 * Reads the JSON of a request. The caller checks the other rules, and passes what breaks them to `requireNoneWrong`,
 * together with `wrong`.
 * @throws Denied when the body is no JSON object
 */
export async function readDraft<Name extends BodyName>(
  { bodies }: { readonly bodies: Bodies },
  ctx: Context,
  name: Name,
): Promise<Draft<BodySchemas[Name]>> {
  if (ctx.is('application/json') !== 'application/json')
    throw invalid('body', 'must be JSON, sent with the header Content-Type: application/json');
  const body = parseJson((await readBody(ctx)).toString());
  if (body === undefined) throw invalid('body', 'must be JSON');
  const violations = bodies[name](body) ?? [];
  const wrong = violations.map(({ field, message }) => ({ member: field === '' ? 'body' : field, rule: message }));
  if (!isJsonObject(body)) throw invalid('body', wrong[0]?.rule ?? 'must be object');
  const sent = leaveOut(
    body,
    violations.map(({ field }) => field.split('.')),
  );
  return { sent: sent as Partial<BodySchemas[Name]>, wrong }; // the validator accepted the members that are left
}

/** Leaves out the members at these paths. A list with a wrong entry is left out whole. */
function leaveOut(object: JsonObject, paths: readonly (readonly string[])[]): JsonObject {
  const kept = Object.entries(object).map(([member, value]): [string, unknown] => {
    const inside = paths.filter(([first]) => first === member).map((path) => path.slice(1));
    if (inside.length === 0) return [member, value];
    return [
      member,
      isJsonObject(value) && inside.every(({ length }) => length > 0) ? leaveOut(value, inside) : undefined,
    ];
  });
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined));
}
