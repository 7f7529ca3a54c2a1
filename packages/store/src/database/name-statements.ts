import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';

/**
 * The most statements of a program that get a name. The limit protects the memory of PostgreSQL, which keeps each named
 * statement for each connection, if a program generates new statements without end.
 */
const maxNames = 200;
const names = new Map<string, string>();

/**
 * Gives a name to every statement with parameters that a connection runs, up to `maxNames`. So PostgreSQL parses and
 * plans the statement once for each connection, not at every call.
 *
 * The name is a hash of the text. A pooler may share a connection between programs. If the names were numbers, the same
 * number would mean different statements.
 */
export function nameStatements(client: PoolClient): void {
  const query = client.query.bind(client) as (...given: readonly unknown[]) => unknown; // `query` has eight overloads
  const queryNamed = (text: unknown, values: unknown, ...others: readonly unknown[]) => {
    const name = typeof text === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(text) : undefined;
    return name === undefined ? query(text, values, ...others) : query({ name, text, values }, ...others);
  };
  Object.assign(client, { query: queryNamed });
}

function nameOf(text: string): string | undefined {
  const name = names.get(text);
  if (name !== undefined || names.size >= maxNames) return name;
  const newName = `s_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
  names.set(text, newName);
  return newName;
}
