import { canonicalFieldName } from '../../fields/canonical-name.js';
import type { FieldRule, FieldTable, ValueProblem } from '../../fields/field.js';
import { isOneOf } from '../../fields/field-rule.js';
import { isJsonObject } from '../json.js';
import { type CostProblem, refuseCost } from './cost-refusal.js';

/**
 * Refuses every value that the field table of an operation does not allow because it costs more or reaches stored
 * objects. The code that reads the body has refused such values already, but the estimate does not rely on that.
 *
 * @throws CostRefused
 */
export function requireOffered(body: object, table: FieldTable): void {
  for (const [written, value] of Object.entries(body)) {
    const name = Object.hasOwn(table, written) ? written : canonicalFieldName(written);
    const field = Object.hasOwn(table, name) ? table[name] : undefined;
    if (field !== undefined && value !== null && value !== undefined) requireRule(name, value, field.rule);
  }
}

function requireRule(name: string, value: unknown, rule: FieldRule): void {
  switch (rule.rule) {
    case 'values':
    case 'default': {
      const problem = problems[rule.problem];
      if (problem !== undefined && !isOneOf(value, rule.values)) refuseCost(name, problem);
      return;
    }
    case 'kinds': {
      const types = Array.isArray(value) ? value.map((item: unknown) => (isJsonObject(item) ? item.type : item)) : [];
      const isKnown = (type: unknown) => rule.known.some((known) => String(type).startsWith(known));
      if (!types.every(isKnown)) refuseCost(name, 'not_bounded');
      return;
    }
    case 'members':
      if (isJsonObject(value)) requireOffered(value, rule.table);
      return;
    case 'each':
      for (const item of Array.isArray(value) ? value : []) if (isJsonObject(item)) requireOffered(item, rule.table);
      return;
    case 'any':
    case 'files':
    case 'list':
    case 'model':
    case 'needs':
    case 'whole':
      // These rules need no check here. If a value under one of them changes the cost, the estimate itself reads it.
      return;
  }
}

/**
 * The reason with which the estimate refuses a value, by the problem that the field table names. `undefined`: the
 * estimate does not refuse such values, because they do not change the cost.
 */
const problems: Readonly<Record<ValueProblem, CostProblem | undefined>> = {
  costs: 'not_priced',
  state: 'not_bounded',
  thread: undefined,
  unknown: undefined,
};
