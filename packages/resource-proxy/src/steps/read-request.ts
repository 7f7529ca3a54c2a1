import type { Capability, Model, ModelCatalogue, Operation } from '@aipassport/policy';
import type { Call } from '../call.js';
import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import { inspectBody } from '../json/inspect-body.js';
import { type JsonObject, type JsonValue, readStrictJson } from '../json/read-strict-json.js';
import { readBody } from '../reading/read-body.js';
import { readUpload } from '../reading/read-upload.js';
import { requireJson } from '../reading/require-content.js';
import type { BodyRules, UpstreamApi, Wishes } from '../upstreams/upstream-api.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import type { OperationMatch } from './match-operation.js';

/**
 * Reads the body, strictly and within bounds, and finds out what it wants: the model, from the one place where the
 * operation names it, and every capability that it takes.
 *
 * @throws Denied 400, 404 for a model that is not known, 408, 413 or 415
 */
export async function readRequest(deps: ProxyDependencies, exchange: Exchange, match: OperationMatch): Promise<Call> {
  return match.operation.kind === 'upload'
    ? readUploadRequest(deps, exchange, match)
    : readJsonRequest(deps, exchange, match);
}

async function readUploadRequest(deps: ProxyDependencies, exchange: Exchange, match: OperationMatch): Promise<Call> {
  const { limits, bodyBudget } = deps;
  const { request, response } = exchange;
  const upload = await readUpload({ request, response, limits, maxBytes: limits.maxUploadBytes, budget: bodyBudget });
  exchange.cleanups.push(() => upload.body.destroy());
  const model = requireModel(deps.models, match.operation, upload.model);
  return {
    match,
    model,
    capabilities: startCapabilities(match.operation),
    isStream: false,
    content: { kind: 'upload', upload },
  };
}

async function readJsonRequest(deps: ProxyDependencies, exchange: Exchange, match: OperationMatch): Promise<Call> {
  const { limits, bodyBudget, validators } = deps;
  const { request, response } = exchange;
  const { operation } = match;
  requireJson(request.headers);
  const bytes = await readBody({ request, response, limits, maxBytes: limits.maxJsonBodyBytes, budget: bodyBudget });
  exchange.cleanups.push(() => bodyBudget.giveBack(bytes.length));
  const json = readStrictJson(bytes);
  const api = upstreamApis[operation.upstream];
  const rules = api.rules[operation.id] ?? noRules;
  const wishes: Wishes = { capabilities: startCapabilities(operation) };
  requireOfferedFields(json.value, rules, api);
  validators.get(operation.id)?.(json.value);
  inspectBody(json, {
    opaque: api.opaque,
    canonicalName: api.canonicalName,
    visit: (name, value, holder) => api.visit(name, value, holder, wishes),
  });
  const model = requireModel(deps.models, operation, match.pathModel ?? json.value.model);
  rules.adjust?.(json.value, wishes, model.id);
  const isStream = json.value.stream === true || operation.id === 'google.streamGenerateContent';
  return { match, model, capabilities: wishes.capabilities, isStream, content: { kind: 'json', body: json.value } };
}

/** An operation that nobody wrote rules for takes no field at all. */
const noRules: BodyRules = { fields: new Set() };
const plainName = /^[A-Za-z0-9_]{1,64}$/;

function requireOfferedFields(body: JsonObject, rules: BodyRules, { canonicalName }: UpstreamApi): void {
  const seen = new Set<string>();
  for (const key of Object.keys(body)) {
    const field = canonicalName(key);
    const value = body[key] ?? null;
    if (seen.has(field)) throw new Denied({ reason: 'body_malformed', problem: 'repeated_member' });
    seen.add(field);
    const harmless = readOwn(rules.stored, field);
    if (harmless !== undefined) {
      if (!harmless.includes(value)) throw new Denied({ reason: 'stored_state_refused', field });
      continue;
    }
    if (!rules.fields.has(field)) {
      throw new Denied({ reason: 'field_not_offered', field: plainName.test(key) ? key : undefined });
    }
    const values = readOwn(rules.values, field);
    if (values !== undefined && !values.includes(value)) throw new Denied({ reason: 'field_invalid', field });
  }
}

/** `toString` and `__proto__` are members of every record, and fields of none. */
function readOwn<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

function startCapabilities({ capability }: Operation): Set<Capability> {
  return new Set(capability === undefined ? [] : [capability]);
}

/** Byte for byte as the catalogue has it: no prefix, no alias, no other case. */
function requireModel(models: ModelCatalogue, { upstream, capability }: Operation, name: JsonValue | undefined): Model {
  if (typeof name !== 'string' || name === '') throw new Denied({ reason: 'model_missing' });
  const model = models.find(upstream, name);
  if (model === undefined) throw new Denied({ reason: 'model_unknown' });
  if (capability !== undefined && !model.capabilities.includes(capability)) {
    throw new Denied({ reason: 'model_unsuited', capability });
  }
  return model;
}
