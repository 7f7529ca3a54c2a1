import type { FieldRule, FieldTable, OperationOf } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import type { JsonObject, JsonValue } from '../json/read-strict-json.js';
import { type FindOccurrence, readForm, type WholeForm } from '../multipart/read-form.js';
import { writeForm } from '../multipart/write-form.js';
import { once } from '../once.js';
import type { BodyBytes } from '../reading/body-bytes.js';
import { stateless } from '../state/state-facts.js';
import type { BodyFacts } from '../upstreams/upstream-api.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import type { CallFacts } from './call-facts.js';
import { estimateCallCost, tryCost } from './estimate-call-cost.js';
import type { PreparedBody } from './prepare-body.js';
import { type BodyRules, startCapabilities } from './prepare-call.js';
import { findField } from './request-rules.js';
import { requireModelOf } from './require-model.js';
import { sortFields } from './sort-fields.js';

export interface FormPreparation {
  readonly body: BodyBytes;
  readonly boundary: string;
  readonly operation: OperationOf<'form'>;
  /** The time whose prices apply. */
  readonly nowMilliseconds: number;
}

/**
 * Prepares a form in the same way as a JSON body, by the table of its operation. The whole form must have been
 * received, because the cost depends on fields that may come after the files.
 *
 * @throws Denied 400, or 404 for an unknown model
 */
export function prepareForm(
  { models, prices, requestRules }: Pick<BodyRules, 'models' | 'prices' | 'requestRules'>,
  { body: received, boundary, operation, nowMilliseconds }: FormPreparation,
): PreparedBody {
  const table = requestRules.tableOf(operation.form);
  const form = readForm(received.takePieces(), boundary, (name) => findOccurrence(table, name));
  const body = describeForm(form, table);
  const { canonicalName } = upstreamApis[operation.dialect];
  const bodyFacts: Pick<BodyFacts, 'capabilities'> = { capabilities: startCapabilities(operation) };
  const left = sortFields(body, { ...requestRules, table, canonicalName, bodyFacts });
  left.remove();
  // Each operation of the kind `form` takes at least one picture.
  if (body.image === undefined) throw new Denied({ reason: 'form_malformed', problem: 'picture_missing' });
  const model = requireModelOf(body, { models, operation });
  const { cost } = tryCost(() =>
    estimateCallCost(prices, {
      operation,
      model,
      content: { kind: 'json', form: operation.form, body },
      nowMilliseconds,
    }),
  );
  const facts: CallFacts = {
    model,
    capabilities: [...bodyFacts.capabilities],
    dropped: left.reported,
    isStream: body.stream === true,
    hidesUsage: false,
    state: stateless,
    mediaParts: 0,
    cost,
  };
  return prepareToSend({ form, body, table, facts });
}

interface JudgedForm {
  readonly form: WholeForm;
  readonly body: JsonObject;
  readonly table: FieldTable;
  readonly facts: CallFacts;
}

function prepareToSend({ form, body, table, facts }: JudgedForm): PreparedBody {
  return {
    facts,
    compose: once(() => {
      const { bytes, contentType } = composeForm(form, body, table);
      form.discard();
      return Promise.resolve({ bytes, contentType, maxOutputTokens: undefined });
    }),
    // The estimate of a form is close to its cost, so the AI provider is not asked to count its tokens.
    composeCount: () => Promise.resolve(undefined),
    recount: () => Promise.resolve(undefined),
    discard: form.discard,
  };
}

/** How often a field of the form may occur: see `FindOccurrence`. */
export function findOccurrence(table: FieldTable, name: string): ReturnType<FindOccurrence> {
  const rule = findField(table, name)?.rule;
  if (rule?.rule === 'files') return rule.max === 1 ? 'file' : 'files';
  return rule === undefined ? undefined : 'text';
}

/** Describes the form as a JSON body, with the number of files instead of the files. */
export function describeForm({ texts, files }: WholeForm, table: FieldTable): JsonObject {
  const counts = new Map<string, number>();
  for (const { name } of files) counts.set(name, (counts.get(name) ?? 0) + 1);
  const read = ([name, text]: readonly [string, string]) =>
    [name, readValue(text, findField(table, name)?.rule)] as const;
  return Object.fromEntries<JsonValue>([...[...texts].map(read), ...counts]);
}

/**
 * Converts the text of a field to a number or a flag, if the rule of the field asks for one. A text that cannot be
 * converted stays a text, and the rule refuses it later.
 */
function readValue(text: string, rule: FieldRule | undefined): JsonValue {
  if (rule?.rule === 'whole' && /^\d{1,9}$/.test(text)) return Number(text);
  if (rule?.rule === 'values' && rule.values.includes(text === 'true') && /^(true|false)$/.test(text))
    return text === 'true';
  return text;
}

function composeForm({ files }: WholeForm, body: JsonObject, table: FieldTable) {
  const isPicture = (name: string) => findField(table, name)?.rule.rule === 'files';
  const texts = Object.entries(body).filter(([name]) => !isPicture(name));
  const isList = Number(body.image) > 1;
  return writeForm(
    texts.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const),
    files
      .filter(({ name }) => isPicture(name))
      .map((file) => (file.name === 'image' && isList ? { ...file, name: 'image[]' } : file)),
  );
}
